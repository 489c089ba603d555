/**
 * The thread that waits for all attach sockets and process ends at once. It sleeps in one `poll`; an eventfd wakes it
 * for orders of the main thread. It never returns to its own event loop, so orders are fetched synchronously.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { CLOSING, LOADED, type Order, QUEUE_LIMIT_BYTES, type Report, type Shared, STARVED } from './poll-protocol.ts';
import {
  EAGAIN,
  ECONNRESET,
  EINTR,
  lowerEvent,
  POLLFD_BYTES,
  POLLIN,
  POLLOUT,
  pollForever,
  receive,
} from './syscalls.ts';

/** Packets of one socket read in one go, so that a flood in one console does not starve the others. */
const PACKETS_PER_TURN = 32;
/** conmon's packets have 8193 bytes at most (one byte of channel, 8192 of output). */
const PACKET_BYTES = 16 * 1024;

interface Watched {
  readonly slot: number;
  readonly fd: number;
  readonly kind: 'socket' | 'pid';
  wantsWrite: boolean;
  over: boolean;
}

const { shared, eventFd } = workerData as { shared: Shared; eventFd: number };
const queued = new Int32Array(shared.queued);
const flags = new Int32Array(shared.flags);
const port = parentPort;
const packet = Buffer.alloc(PACKET_BYTES);
const watched = new Map<number, Watched>();

if (port) {
  Atomics.store(flags, LOADED, 1);
  Atomics.notify(flags, LOADED);
  while (Atomics.load(flags, CLOSING) === 0) turn();
}

function report(message: Report, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function turn(): void {
  const list = [...watched.values()].filter((one) => !one.over);
  const entries = Buffer.alloc((list.length + 1) * POLLFD_BYTES);
  entries.writeInt32LE(eventFd, 0);
  entries.writeInt16LE(POLLIN, 4);
  list.forEach((one, index) => {
    const at = (index + 1) * POLLFD_BYTES;
    const reads = one.kind === 'pid' || !starved(one.slot);
    const events = (reads ? POLLIN : 0) | (one.wantsWrite ? POLLOUT : 0);
    // A socket nobody reads is left out altogether: its hang-up would wake us again and again.
    entries.writeInt32LE(events === 0 ? -1 : one.fd, at);
    entries.writeInt16LE(events, at + 4);
  });
  if (pollForever(entries, list.length + 1) < 0) return;
  if (entries.readInt16LE(6) !== 0) {
    lowerEvent(eventFd);
    for (let got = port && receiveMessageOnPort(port); got; got = port && receiveMessageOnPort(port)) obey(got.message);
  }
  for (const [index, one] of list.entries()) {
    const happened = entries.readInt16LE((index + 1) * POLLFD_BYTES + 6);
    if (happened === 0 || !watched.has(one.slot)) continue;
    if (one.kind === 'pid') {
      finish(one);
      continue;
    }
    if (happened & POLLOUT && one.wantsWrite) {
      one.wantsWrite = false;
      report({ slot: one.slot, what: 'writable' });
    }
    if (happened & ~POLLOUT) readSome(one);
  }
}

/** Marked before looking, so that the main thread either sees the mark or we see its taking. */
function starved(slot: number): boolean {
  if (Atomics.load(queued, slot) < QUEUE_LIMIT_BYTES) return false;
  Atomics.store(flags, STARVED + slot, 1);
  return Atomics.load(queued, slot) >= QUEUE_LIMIT_BYTES;
}

function obey(order: Order): void {
  if (order.what === 'watch') {
    watched.set(order.slot, { slot: order.slot, fd: order.fd, kind: order.kind, wantsWrite: false, over: false });
  } else if (order.what === 'drop') {
    watched.delete(order.slot);
    report({ slot: order.slot, what: 'dropped' });
  } else {
    const one = watched.get(order.slot);
    if (one) one.wantsWrite = true;
  }
}

function finish(one: Watched): void {
  one.over = true;
  report({ slot: one.slot, what: 'end' });
}

/** Neighbouring packets of one channel travel together: fewer messages in a flood. */
function readSome(one: Watched): void {
  let channel = 0;
  let parts: Buffer[] = [];
  const flush = () => {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    if (size === 0) return;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    parts = [];
    Atomics.add(queued, one.slot, size);
    report({ slot: one.slot, what: 'data', channel, bytes }, [bytes.buffer]);
  };
  for (let count = 0; count < PACKETS_PER_TURN; count++) {
    const got = receive(one.fd, packet);
    if (got === -EAGAIN || got === -EINTR) break;
    // Told once, before what it wrote: it ended without having read all of its input.
    if (got === -ECONNRESET) continue;
    if (got <= 0) {
      flush();
      finish(one);
      return;
    }
    if (packet[0] !== channel) flush();
    channel = packet[0] ?? 0;
    parts.push(Buffer.from(packet.subarray(1, got)));
  }
  flush();
}
