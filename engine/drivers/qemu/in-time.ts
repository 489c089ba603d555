/** An end to waiting for QEMU. */
import { GuesthouseError } from '../../contract/errors.ts';

/** Throws `timeout` when QEMU does not answer in time; whatever was asked goes on. */
export function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new GuesthouseError({ code: 'timeout', message: 'QEMU does not answer.' })),
      timeoutMs,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
