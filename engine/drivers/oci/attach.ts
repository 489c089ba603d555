/**
 * A connection to conmon's attach socket: SOCK_SEQPACKET, each packet from conmon is one byte of channel (2 stdout,
 * 3 stderr; a terminal has only stdout) and up to 8192 bytes of output; packets to it are plain input. conmon writes
 * *blocking* to whoever is attached, so a connection that is not read slows its program: that is our back-pressure.
 * Protocol: conmon's conn_sock.c and ctr_stdio.c.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Poller } from './poller.ts';
import { connectSeqpacket, EAGAIN, EMFILE, ENFILE, endSending, send } from './syscalls.ts';

const STDERR_CHANNEL = 3;
/** conmon reads at most 32767 bytes of a packet; the rest would be lost. */
const PACKET_BYTES = 8192;
/** Input waiting for the program (bytes) beyond which `write` says "hold on". */
const INPUT_HIGH_BYTES = 64 * 1024;
const CONNECT_TRIES = 50;
const CONNECT_WAIT_MS = 20;

export interface AttachHandlers {
  onData(bytes: Uint8Array, channel: 'stdout' | 'stderr'): void;
  onEnd(): void;
}

export interface Attachment {
  /** Nothing is delivered before this; what came meanwhile comes first. */
  start(handlers: AttachHandlers): void;
  /** Bytes that came and were not delivered yet. */
  waiting(): { readonly stdout: number; readonly stderr: number };
  /** Resolves when something came, be it the end. */
  arrival(): Promise<void>;
  /** Resolves when the thread that listens has begun to listen here. */
  heard(): Promise<void>;
  /** False: hold further input until `drained`. */
  write(bytes: Uint8Array): boolean;
  drained(): Promise<void>;
  endInput(): void;
  pause(): void;
  resume(): void;
  /** Lets go. No handler is called afterwards. */
  close(): void;
}

/** Connects; throws `wrong-state` when nobody listens there any more. */
export async function attach(path: string, poller: Poller): Promise<Attachment> {
  let fd = connectSeqpacket(path);
  for (let tries = 1; fd === -EAGAIN && tries < CONNECT_TRIES; tries++) {
    await sleep(CONNECT_WAIT_MS); // its queue of waiting connections is full
    fd = connectSeqpacket(path);
  }
  if (fd === -EMFILE || fd === -ENFILE) {
    throw new GuesthouseError({
      code: 'resources',
      message: 'The console cannot be opened: this program may open no more files.',
      hint: 'Close some consoles.',
    });
  }
  if (fd < 0) {
    throw new GuesthouseError({
      code: 'wrong-state',
      message: 'The console cannot be reached: its program has ended.',
      cause: `connect: errno ${-fd}`,
    });
  }
  return createAttachment(fd, poller);
}

function createAttachment(fd: number, poller: Poller): Attachment {
  let handlers: AttachHandlers | null = null;
  let paused = false;
  let closed = false;
  let ended = false;
  let endDelivered = false;
  let inputEnding = false;
  let inputBroken = false;
  const output: { bytes: Uint8Array; channel: number }[] = [];
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
  let input: Uint8Array[] = [];
  let inputBytes = 0;
  let waiting: (() => void)[] = [];

  const release = () => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  const deliver = () => {
    while (handlers && !paused && !closed) {
      const chunk = output.shift();
      if (!chunk) break;
      poller.consumed(slot, chunk.bytes.length);
      handlers.onData(chunk.bytes, chunk.channel === STDERR_CHANNEL ? 'stderr' : 'stdout');
    }
    if (handlers && ended && !endDelivered && !closed && !paused && output.length === 0) {
      endDelivered = true;
      handlers.onEnd();
    }
  };
  const dropInput = () => {
    inputBroken = true;
    input = [];
    inputBytes = 0;
    release();
  };
  const flush = () => {
    while (input.length > 0 && !closed && !inputBroken) {
      const packet = input[0] as Uint8Array;
      const sent = send(fd, packet);
      if (sent === -EAGAIN) return poller.wantWrite(slot);
      if (sent < 0) return dropInput(); // it is gone; the end is reported by the reading side
      input.shift();
      inputBytes -= packet.length;
    }
    if (inputBytes <= INPUT_HIGH_BYTES) release();
    if (inputEnding && input.length === 0 && !closed) endSending(fd);
  };

  const slot = poller.watchSocket(fd, {
    onData(bytes, channel) {
      output.push({ bytes, channel });
      arrive();
      deliver();
    },
    onEnd() {
      ended = true;
      arrive();
      dropInput();
      deliver();
    },
    onWritable() {
      hear();
      flush();
    },
  });

  return {
    start(given) {
      handlers = given;
      deliver();
    },
    waiting() {
      const sum = (isErr: boolean) =>
        output.reduce(
          (all, { bytes, channel }) => all + ((channel === STDERR_CHANNEL) === isErr ? bytes.length : 0),
          0,
        );
      return { stdout: sum(false), stderr: sum(true) };
    },
    arrival: () => arrived,
    heard() {
      if (!closed) poller.wantWrite(slot);
      return heard;
    },
    write(bytes) {
      if (closed || inputBroken || inputEnding) return true;
      const wasEmpty = input.length === 0;
      for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
        input.push(Uint8Array.prototype.slice.call(bytes, at, at + PACKET_BYTES));
      }
      inputBytes += bytes.length;
      if (wasEmpty) flush();
      return inputBytes <= INPUT_HIGH_BYTES;
    },
    drained() {
      if (closed || inputBytes <= INPUT_HIGH_BYTES) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    endInput() {
      if (inputEnding) return;
      inputEnding = true;
      if (input.length === 0 && !closed) endSending(fd);
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      deliver();
    },
    close() {
      if (closed) return;
      closed = true;
      arrive();
      dropInput();
      poller.drop(slot);
    },
  };
}
