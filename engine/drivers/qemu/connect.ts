/** Connects to a Unix socket of QEMU, with a deadline. */
import { lstatSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { GuesthouseError } from '../../contract/errors.ts';

const CONNECT_TIMEOUT_MS = 3_000;

/** Throws `disconnected` when nobody listens, `timeout` when nobody accepts. */
export function connectUnix(path: string, timeoutMs = CONNECT_TIMEOUT_MS): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // The folder is QEMU's: a link there could lead to the socket of something else.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) {
      return reject(new GuesthouseError({ code: 'disconnected', message: 'QEMU is not there.' }));
    }
    const socket = createConnection({ path });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new GuesthouseError({ code: 'timeout', message: 'QEMU does not accept a connection.' }));
    }, timeoutMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // As many as the kernel keeps wait to be accepted already: it is there, and silent.
      if (error.code === 'EAGAIN') {
        return reject(
          new GuesthouseError({
            code: 'timeout',
            message: 'QEMU does not answer.',
            cause: 'It accepts no further connection.',
            hint: 'It may be stopped or stuck. Wait, or kill the guest.',
          }),
        );
      }
      reject(new GuesthouseError({ code: 'disconnected', message: 'QEMU is not there.', cause: error.message }));
    });
  });
}
