/** syncfs(2), which Node does not offer, and a program for it would cost more than the call. */
import { open } from 'node:fs/promises';
import { GuesthouseError } from '../contract/errors.ts';

type SyncFs = { async(fd: number, done: (error: Error | null, result: number) => void): void };
let syncfs: SyncFs | null = null;

/** Makes everything on the file system of this folder survive a loss of power. It cannot be hurried or cancelled. */
export async function syncDisk(folder: string): Promise<void> {
  syncfs ??= await find();
  const call = syncfs;
  const handle = await open(folder, 'r');
  try {
    const result = await new Promise<number>((resolve, reject) => {
      call.async(handle.fd, (error, code) => (error ? reject(error) : resolve(code)));
    });
    if (result === 0) return;
    throw new GuesthouseError({
      code: 'resources',
      message: 'The disk did not keep what was written to it.',
      subject: folder,
      hint: 'See the messages of the kernel (dmesg) about this disk.',
    });
  } finally {
    await handle.close();
  }
}

/** Not with the module: a thread that is ended while it loads native code takes the process along. */
async function find(): Promise<SyncFs> {
  const { default: koffi } = await import('koffi');
  return koffi.load(null).func('int syncfs(int)') as unknown as SyncFs;
}
