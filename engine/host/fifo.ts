/** mkfifo(3), which Node does not offer, and a program for it would cost ten times the call. */
import { lstatSync } from 'node:fs';
import koffi from 'koffi';
import { GuesthouseError } from '../contract/errors.ts';

type MkFifo = (path: string, mode: number) => number;
let mkfifo: MkFifo | null = null;

/** Makes a FIFO for its owner alone. Throws `resources`, also where something has that name already. */
export function makeFifo(path: string): void {
  mkfifo ??= koffi.load(null).func('int mkfifo(const char *path, unsigned int mode)') as unknown as MkFifo;
  if (mkfifo(path, 0o600) === 0) return;
  const taken = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  throw new GuesthouseError({
    code: 'resources',
    message: 'A line to a guest could not be made.',
    subject: path,
    cause: taken ? 'Something has that name already.' : `The system's error number is ${koffi.errno()}.`,
    hint: 'Look at whether the disk of the run folder is full.',
  });
}
