/** Text files that people write, read whole: only what is a file, and only so much of it. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { GuesthouseError } from '../contract/errors.ts';

/**
 * Never waits for a pipe and never reads a device. Throws `not-found`, `denied`, and `invalid` for what is no file or
 * larger than `maxBytes`.
 */
export function readSmallFile(path: string, maxBytes: number): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new GuesthouseError({
      code: code === 'EACCES' ? 'denied' : code === 'ENOENT' || code === 'ENOTDIR' ? 'not-found' : 'invalid',
      message: `The file ${path} cannot be read.`,
      subject: path,
      cause: message,
    });
  }
  try {
    if (!fstatSync(file).isFile())
      throw new GuesthouseError({ code: 'invalid', message: `${path} is not a file.`, subject: path });
    const bytes = Buffer.alloc(maxBytes + 1);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < bytes.length; filled += read)
      read = readSync(file, bytes, filled, bytes.length - filled, null);
    if (filled > maxBytes)
      throw new GuesthouseError({
        code: 'invalid',
        message: `The file ${path} is larger than ${Math.round(maxBytes / 1024)} KiB.`,
        subject: path,
        hint: 'Choose a file that a person wrote.',
      });
    return bytes.subarray(0, filled).toString('utf8');
  } finally {
    closeSync(file);
  }
}
