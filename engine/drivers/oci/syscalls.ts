/** The few calls of the C library that Node does not offer. Everything here is non-blocking except `poll`. */
import koffi from 'koffi';
import { GuesthouseError } from '../../contract/errors.ts';

export const EAGAIN = 11;
export const EINTR = 4;
export const ECONNRESET = 104;
export const ESRCH = 3;
export const ENFILE = 23;
export const EMFILE = 24;
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;
export const POLLNVAL = 0x20;
/** Bytes of `struct pollfd`: int32 fd, int16 events, int16 revents. */
export const POLLFD_BYTES = 8;

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const EFD_FLAGS = 0o2004000; // EFD_CLOEXEC | EFD_NONBLOCK
/** The same numbers on x86-64 and arm64 (both came after the tables were unified). */
const SYS_pidfd_open = 434;
const SYS_openat2 = 437;
const AT_FDCWD = -100;
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const O_NOFOLLOW = process.arch === 'arm64' || process.arch === 'arm' ? 0o100000 : 0o400000;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_IN_ROOT = 0x10;
/** `sizeof(sun_path)`, the terminating zero included. */
const SUN_PATH_BYTES = 108;

type Calls = ReturnType<typeof bind>;
let bound: Calls | null = null;

function bind() {
  const libc = koffi.load(null);
  return {
    socket: libc.func('int socket(int, int, int)'),
    connect: libc.func('int connect(int, void *, uint)'),
    recv: libc.func('intptr_t recv(int, void *, size_t, int)'),
    send: libc.func('intptr_t send(int, void *, size_t, int)'),
    shutdown: libc.func('int shutdown(int, int)'),
    poll: libc.func('int poll(void *, ulong, int)'),
    eventfd: libc.func('int eventfd(uint, int)'),
    read: libc.func('intptr_t read(int, void *, size_t)'),
    write: libc.func('intptr_t write(int, void *, size_t)'),
    close: libc.func('int close(int)'),
    pidfdOpen: libc.func('syscall', 'long', ['long', 'int', 'uint']),
    openat2: libc.func('syscall', 'long', ['long', 'int', 'str', 'void *', 'size_t']),
  };
}

function libc(): Calls {
  bound ??= bind();
  return bound;
}

export function errno(): number {
  return koffi.errno();
}

/** Connects a SOCK_SEQPACKET socket (Node's `net` cannot); answers its descriptor, or minus the errno. */
export function connectSeqpacket(path: string): number {
  const bytes = Buffer.from(path);
  if (bytes.length >= SUN_PATH_BYTES) {
    throw new GuesthouseError({ code: 'internal', message: `The socket path ${path} is too long.`, subject: path });
  }
  const address = Buffer.alloc(2 + SUN_PATH_BYTES);
  address.writeUInt16LE(AF_UNIX, 0);
  bytes.copy(address, 2);
  const fd = libc().socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) as number;
  if (fd < 0) return -errno();
  if ((libc().connect(fd, address, address.length) as number) === 0) return fd;
  const why = errno();
  libc().close(fd);
  return -why;
}

/** Bytes of one packet put into `into`; 0 at the end of the stream, minus the errno on failure (EAGAIN: none now). */
export function receive(fd: number, into: Buffer): number {
  const got = Number(libc().recv(fd, into, into.length, MSG_DONTWAIT));
  return got < 0 ? -errno() : got;
}

/** Sends one packet; its length, or minus the errno (EAGAIN: the other side is behind). */
export function send(fd: number, packet: Uint8Array): number {
  const sent = Number(libc().send(fd, packet, packet.length, MSG_DONTWAIT | MSG_NOSIGNAL));
  return sent < 0 ? -errno() : sent;
}

/** Says that no more will be sent. */
export function endSending(fd: number): void {
  libc().shutdown(fd, SHUT_WR);
}

/** Waits for `count` entries of `struct pollfd`; blocks the calling thread, so only a worker may call it. */
export function pollForever(entries: Buffer, count: number): number {
  return libc().poll(entries, count, -1) as number;
}

/** Throws `resources` when this process may open no more. */
export function makeEventFd(): number {
  const fd = libc().eventfd(0, EFD_FLAGS) as number;
  if (fd >= 0) return fd;
  throw new GuesthouseError({
    code: 'resources',
    message: 'This program may open no more files.',
    cause: `eventfd: error ${errno()}`,
    hint: 'Close some consoles.',
  });
}

const ONE = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
export function raiseEvent(fd: number): void {
  libc().write(fd, ONE, 8);
}

export function lowerEvent(fd: number): void {
  libc().read(fd, Buffer.alloc(8), 8);
}

export function closeDescriptor(fd: number): void {
  libc().close(fd);
}

/** A descriptor that polls readable when the process ends, or minus the errno (ESRCH: there is no such process). */
export function openPidFd(pid: number): number {
  const fd = Number(libc().pidfdOpen(SYS_pidfd_open, pid, 0));
  return fd < 0 ? -errno() : fd;
}

/**
 * Opens a file below `root` as if `root` were `/`: no link in it, absolute or with `..`, leads out of it, and never
 * waits on a fifo. For files of untrusted images and guests. `look-at-link`: the last name itself, be it a link. null
 * when there is none.
 */
export function openInRoot(root: string, path: string, mode: 'read' | 'look' | 'look-at-link'): number | null {
  const rootFd = Number(libc().openat2(SYS_openat2, AT_FDCWD, root, how(BigInt(O_PATH | O_CLOEXEC), 0n), 24));
  if (rootFd < 0) return null;
  try {
    const flags = { read: O_NONBLOCK, look: O_PATH, 'look-at-link': O_PATH | O_NOFOLLOW }[mode] | O_CLOEXEC;
    const resolve = BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    const fd = Number(libc().openat2(SYS_openat2, rootFd, path, how(BigInt(flags), resolve), 24));
    return fd < 0 ? null : fd;
  } finally {
    libc().close(rootFd);
  }
}

/** `struct open_how`: flags, mode, resolve. */
function how(flags: bigint, resolve: bigint): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(flags, 0);
  bytes.writeBigUInt64LE(resolve, 16);
  return bytes;
}
