/** Whether a machine ended because its kernel gave up, or QEMU did: what they said last. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** A panic with its call trace and what follows it is shorter (bytes). */
const TAIL_BYTES = 16 * 1024;

/** The panic as a sentence; null: the log ends without one, or is older than `since` (ms since the epoch). */
export const panicIn = (path: string, since: number): Promise<string | null> => lastWords(path, since, panicOf);

/** The same of QEMU itself, by the log of its own messages. */
export const failureIn = (path: string, since: number): Promise<string | null> => lastWords(path, since, failureOf);

async function lastWords(path: string, since: number, of: (log: string) => string | null): Promise<string | null> {
  // QEMU writes it: it must not lead elsewhere.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (!file) return null;
  try {
    const { size, mtimeMs } = await file.stat();
    if (mtimeMs < since) return null;
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return of(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/** Linux's words, kernel/panic.c. A guest may say them without meaning them; then that is what is shown of it. */
export function panicOf(log: string): string | null {
  const said = [...log.matchAll(/Kernel panic - not syncing: ([^\r\n]{1,200})/g)].at(-1)?.[1];
  if (said === undefined) return null;
  return `its kernel panicked (${plain(said)}).`;
}

/** What GLib's and the C library's assertions, and QEMU's own word for it, look like. */
export function failureOf(log: string): string | null {
  const said = [
    ...log.matchAll(/^(?:ERROR:|qemu: fatal: |\S*qemu\S*: (?=.*Assertion .* failed))([^\r\n]{1,300})/gm),
  ].at(-1)?.[1];
  return said === undefined ? null : `QEMU failed (${plain(said)}).`;
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it comes from the guest and is shown to a person
  return text.replace(/[\x00-\x1f\x7f-\xff]/g, ' ').trim();
}
