/** What the CLI says: results on stdout, everything else on stderr. Text from guests or files is made harmless first. */
import type { ErrorShape } from '../../engine/contract/errors.ts';

/** One error: code, message and cause, hint. */
export function printError(error: ErrorShape): void {
  const cause = error.cause ? `\n  because: ${plain(error.cause).replaceAll('\n', '\n           ')}` : '';
  const hint = error.hint ? `\n  hint: ${plain(error.hint)}` : '';
  process.stderr.write(`error [${error.code}]: ${plain(error.message)}${cause}${hint}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Columns as wide as their widest cell; no trailing blanks. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows].map((row) => row.map(plain));
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Control characters would let a name or a cause steer the terminal. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '?');
}

/** `12.3 MiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `76.1 of 143 MiB`, `900 KiB of 143 MiB`: a line of progress has 80 columns. */
export function bytesOf(done: number, total: number): string {
  const [doneText, totalText] = [bytes(done), bytes(total)];
  const [number = '', unit] = doneText.split(' ');
  return `${totalText.endsWith(` ${unit}`) ? number : doneText} of ${totalText}`;
}
