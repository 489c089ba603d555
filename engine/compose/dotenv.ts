/** `.env` and `env_file`: NAME=VALUE with quotes and variables, as Compose reads them (unlike `docker run --env-file`). Pure. */
import { interpolate, type Lookup } from './interpolate.ts';

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:[=:]\s*(.*))?$/s;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$$' };

/** More than any program is given (characters). */
const MAX_VALUES = 4 * 1024 * 1024;

/** Later lines see earlier ones. A name alone takes its value from `lookup`. Throws Error naming the line. */
export function parseDotenv(text: string, lookup: Lookup): Record<string, string> {
  const found: Record<string, string> = {};
  let size = 0;
  const see: Lookup = (name) => lookup(name) ?? found[name];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const first = index + 1;
    let line = (lines[index] as string).trim();
    if (line === '' || line.startsWith('#')) continue;
    // A quoted value may go on over several lines.
    const quote = /^[^=]*=\s*(["'])/.exec(line)?.[1];
    while (quote && !isClosed(line, quote) && index + 1 < lines.length) line += `\n${lines[++index]}`;
    const match = LINE.exec(line);
    if (!match) throw new Error(`Line ${first} is not NAME=VALUE.`);
    const [, name, raw] = match as unknown as [string, string, string | undefined];
    try {
      const value = raw === undefined ? lookup(name) : unquote(raw, see);
      size += value?.length ?? 0;
      if (size > MAX_VALUES) throw new Error('the values are larger than 4 MiB together.');
      if (value !== undefined) found[name] = value;
    } catch (error) {
      throw new Error(`Line ${first}: ${(error as Error).message}`);
    }
  }
  return found;
}

function isClosed(line: string, quote: string): boolean {
  const value = line.slice(line.indexOf(quote) + 1);
  return quote === "'" ? value.includes("'") : /^(?:[^"\\]|\\.)*"/s.test(value);
}

function unquote(raw: string, see: Lookup): string {
  const single = /^'([^']*)'\s*(?:#.*)?$/s.exec(raw);
  if (single) return single[1] as string;
  const double = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/s.exec(raw);
  if (double)
    return interpolate(
      (double[1] as string).replace(/\\([nrt"\\$])/g, (_, key) => ESCAPES[key] as string),
      see,
    );
  if (/^["']/.test(raw)) throw new Error('a quote is not closed.');
  return interpolate(raw.replace(/\s+#.*$/, '').trim(), see);
}
