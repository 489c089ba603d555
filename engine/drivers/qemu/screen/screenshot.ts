/** Asks QEMU for its screen. It writes the picture into its own working folder, whose content is not trusted. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { LiveMachine } from '../live.ts';
import { type Picture, readPpm } from './picture.ts';

/** A screen of 4096 times 4096 pixels, and its header (bytes). */
const MAX_BYTES = 4096 * 4096 * 3 + 256;

/** Throws `timeout`, `disconnected`, `guest-failed` (it has no screen) or `bad-data`. */
export async function takePicture(machine: LiveMachine): Promise<Picture> {
  const name = `screen-${randomBytes(6).toString('hex')}.ppm`;
  const path = join(machine.files.room, name);
  try {
    await (await machine.qmp()).execute('screendump', { filename: name });
    return readPpm(await readOwn(path));
  } finally {
    await rm(path, { force: true });
  }
}

/** What QEMU made there may be anything by now: a link, a pipe, something huge. */
async function readOwn(path: string): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (!file) throw odd('It is not there, or a link.');
  try {
    const info = await file.stat();
    if (!info.isFile()) throw odd('It is no file.');
    if (info.size > MAX_BYTES) throw odd(`It has ${info.size} bytes.`);
    const bytes = Buffer.alloc(info.size);
    const { bytesRead } = await file.read(bytes, 0, info.size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function odd(cause: string): GuesthouseError {
  return new GuesthouseError({ code: 'bad-data', message: 'The picture of the screen cannot be read.', cause });
}
