/**
 * A port's two FIFOs on the host. QEMU holds both ends of each open (its `pipe` chardev), so whoever speaks through the
 * port in the guest waits, and loses nothing, while no engine is there.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { lchown, rm, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { GuesthouseError } from '../../../contract/errors.ts';
import { makeFifo } from '../../../host/fifo.ts';

export interface Pipes {
  /** To the guest. */
  readonly input: Socket;
  /** From the guest. Not read before somebody listens. */
  readonly output: Socket;
  close(): void;
}

const ends = (room: string, name: string) => [join(room, `${name}.in`), join(room, `${name}.out`)] as const;

/** Makes them for QEMU's user, who owns the room. */
export async function makePipes(room: string, names: readonly string[]): Promise<void> {
  const paths = names.flatMap((name) => ends(room, name));
  for (const path of paths) makeFifo(path);
  const { uid, gid } = await stat(room);
  if (uid !== process.getuid?.()) await Promise.all(paths.map((path) => lchown(path, uid, gid)));
}

/** Throws `disconnected` when QEMU does not hold the other ends. */
export function openPipes(room: string, name: string): Pipes {
  const [inPath, outPath] = ends(room, name);
  const input = openEnd(inPath, constants.O_WRONLY);
  try {
    const output = openEnd(outPath, constants.O_RDONLY);
    return {
      input,
      output,
      close() {
        input.destroy();
        output.destroy();
      },
    };
  } catch (error) {
    input.destroy();
    throw error;
  }
}

export async function removePipes(room: string, names: readonly string[]): Promise<void> {
  await Promise.all(names.flatMap((name) => ends(room, name)).map((path) => rm(path, { force: true })));
}

function openEnd(path: string, direction: number): Socket {
  const unheard = (cause: string) =>
    new GuesthouseError({ code: 'disconnected', message: 'The program in the guest cannot be reached.', cause });
  let fd: number;
  try {
    // The folder is QEMU's: it could have put a link there.
    fd = openSync(path, direction | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    throw unheard((error as Error).message);
  }
  if (!fstatSync(fd).isFIFO()) {
    closeSync(fd);
    throw unheard('The line to it was replaced.');
  }
  const readable = direction === constants.O_RDONLY;
  const socket = new Socket({ fd, readable, writable: !readable });
  socket.on('error', () => {}); // 'close' follows
  return socket;
}
