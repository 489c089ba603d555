/**
 * Sockets inside the house, made by a process that is outside. A socket belongs to the network its maker was in, so one
 * thread moves there, and all others stay: libuv's only worker thread (UV_THREADPOOL_SIZE=1), on which nothing else of
 * this process needs a network.
 */
import koffi, { type KoffiFunc } from 'koffi';

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const TYPE = { tcp: 1, udp: 2 } as const;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

export type MakeSocket = (protocol: 'tcp' | 'udp') => Promise<number>;

/** Throws when the house cannot be entered. `namespace`: a descriptor of its network namespace. */
export async function enterForSockets(namespace: number): Promise<MakeSocket> {
  const libc = koffi.load(null);
  const setns = libc.func('int setns(int, int)');
  const socket = libc.func('int socket(int, int, int)');
  if ((await onWorker(setns, namespace, CLONE_NEWNET)) !== 0) throw new Error('No way into the house.');
  return async (protocol) => {
    const fd = await onWorker(socket, AF_INET, TYPE[protocol] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw Object.assign(new Error('No socket could be made.'), { code: 'EMFILE' });
    return fd;
  };
}

function onWorker(call: KoffiFunc<(...args: unknown[]) => number>, ...args: unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, result: number) => (error ? reject(error) : resolve(result)));
  });
}
