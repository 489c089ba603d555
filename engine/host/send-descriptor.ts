/**
 * Sends bytes over a connected Unix socket together with one open descriptor (SCM_RIGHTS, unix(7)), which Node cannot.
 * The other side gets a descriptor of its own for the same open file; ours may be closed afterwards.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
import { GuesthouseError } from '../contract/errors.ts';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const EINTR = 4;
const EAGAIN = 11;
/** `struct cmsghdr` with one int behind it, on 64-bit Linux: size_t length, int level, int type, int, padding. */
const CONTROL_BYTES = 24;
const CONTROL_LENGTH = 20;
/** Between two tries while the other side does not read (ms). */
const RETRY_MS = 5;

type SendMessage = (fd: number, bytes: Buffer, control: Buffer | null) => number;
let bound: SendMessage | null = null;

function bind(): SendMessage {
  const libc = koffi.load(null);
  const iovec = koffi.struct({ base: 'void *', length: 'size_t' });
  const msghdr = koffi.struct({
    name: 'void *',
    nameLength: 'uint',
    parts: koffi.pointer(iovec),
    count: 'size_t',
    control: 'void *',
    controlLength: 'size_t',
    flags: 'int',
  });
  const sendmsg = libc.func('sendmsg', 'intptr_t', ['int', koffi.pointer(msghdr), 'int']);
  return (fd, bytes, control) => {
    const message = {
      name: null,
      nameLength: 0,
      parts: { base: bytes, length: bytes.length },
      count: 1,
      control,
      controlLength: control?.length ?? 0,
      flags: 0,
    };
    const sent = Number(sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL));
    return sent < 0 ? -koffi.errno() : sent;
  };
}

/**
 * Resolves when all bytes are with the kernel. Throws `disconnected` when the socket is closed, `timeout` when the
 * other side does not take them. Nothing else may be written to the socket meanwhile.
 */
export async function sendWithDescriptor(
  socket: Socket,
  text: string,
  descriptor: number,
  timeoutMs: number,
): Promise<void> {
  bound ??= bind();
  const until = performance.now() + timeoutMs;
  let control: Buffer | null = Buffer.alloc(CONTROL_BYTES);
  control.writeBigUInt64LE(BigInt(CONTROL_LENGTH), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  control.writeInt32LE(descriptor, 16);
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    // Node may still hold what was written before; it has to go first.
    const fd = socket.writableLength === 0 ? descriptorOf(socket) : null;
    const sent = fd === null ? -EAGAIN : bound(fd, rest, control);
    if (sent > 0) {
      rest = rest.subarray(sent);
      control = null; // it went with the first byte
      continue;
    }
    if (sent !== -EAGAIN && sent !== -EINTR) throw lost(`sendmsg failed with errno ${-sent}`);
    if (performance.now() > until) {
      throw new GuesthouseError({ code: 'timeout', message: 'A file could not be handed over: nobody takes it.' });
    }
    await sleep(RETRY_MS);
  }
}

/**
 * Our number of the open socket, ours until it is destroyed. Node offers it in no documented way (`net.Socket` keeps its
 * libuv handle in `_handle`). Throws `disconnected` when it is closed.
 */
export function descriptorOf(socket: Socket): number {
  const fd = (socket as unknown as { _handle?: { fd?: number } | null })._handle?.fd;
  if (socket.destroyed || fd === undefined || fd < 0) throw lost('the connection is closed');
  return fd;
}

function lost(cause: string): GuesthouseError {
  return new GuesthouseError({ code: 'disconnected', message: 'A file could not be handed over.', cause });
}
