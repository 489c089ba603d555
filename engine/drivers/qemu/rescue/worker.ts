/**
 * One port of the rescue machine: an act at a time, its input and its output as streams. The protocol is described where it
 * is served, in assets/rescue-init/init.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import { cancelled, tail, toolFailed } from '../../../host/process.ts';
import { quoted } from '../guest-config.ts';
import { createReader, unexpected } from './reader.ts';

export interface ActOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly input?: AsyncIterable<Uint8Array>;
  readonly okCodes?: readonly number[];
}

export interface Worker {
  /** Output of an act, piece by piece. Throws like `pipeFrom` once it ended; whoever stops reading before ends it. */
  act(words: readonly string[], options?: ActOptions): AsyncGenerator<Buffer>;
  readonly isBroken: boolean;
  close(): void;
}

/** A machine that is emulated on a busy host takes many times as long as alone (ms). */
const TIMEOUT_MS = 120_000;
/** An act that was ended must say so within this (ms). */
const END_MS = 60_000;
const MAX_LINE_BYTES = 100;
const MAX_CHUNK_BYTES = 1024 * 1024;
const MAX_SAID_BYTES = 65_536;

/** `endWork`: ends the program of the act that is going on in this port, through another one. */
export function createWorker(socket: Socket, endWork: () => Promise<unknown>): Worker {
  const reader = createReader(socket);
  let isBroken = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    isBroken = true;
  });
  const breakOff = () => {
    isBroken = true;
    socket.destroy();
  };

  /** Gives pieces as they are taken. The returned function ends it early; the machine is told of the end in both cases. */
  function feed(input: AsyncIterable<Uint8Array>, onError: (error: unknown) => void): () => void {
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      socket.write('0\n');
    };
    const pump = async () => {
      try {
        for await (const bytes of input) {
          for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES) {
            if (over) return;
            const piece = bytes.subarray(at, at + MAX_CHUNK_BYTES);
            socket.write(`${piece.length}\n`);
            if (!socket.write(piece)) await drained(socket);
          }
          if (over) return;
        }
      } catch (error) {
        onError(error);
      }
      end();
    };
    void pump();
    return end;
  }

  async function* act(words: readonly string[], options: ActOptions = {}): AsyncGenerator<Buffer> {
    const { signal, timeoutMs = TIMEOUT_MS, input, okCodes = [0] } = options;
    const name = words[0] === 'tool' ? (words[2] as string) : (words[0] as string);
    if (signal?.aborted) throw cancelled(name);
    if (isBroken) throw new GuesthouseError({ code: 'disconnected', message: 'The rescue machine ended.' });
    let failure: unknown = null;
    let ended = false;
    const endings: NodeJS.Timeout[] = [];
    const end = (why: unknown) => {
      failure ??= why;
      if (ended || endings.length > 0) return;
      endings.push(setTimeout(breakOff, END_MS));
      void (async () => {
        // Its number may not be noted yet.
        for (; !ended && !isBroken; await sleep(200)) await endWork().catch(() => {});
      })();
    };
    const onAbort = () => end(cancelled(name));
    signal?.addEventListener('abort', onAbort, { once: true });
    const late = () =>
      new GuesthouseError({
        code: 'timeout',
        message: `${name} did not finish within ${timeoutMs / 1000} s.`,
        subject: name,
      });
    const timer = setTimeout(() => end(late()), timeoutMs);

    const request = Buffer.from(`set -- ${words.map(quoted).join(' ')}\n`);
    socket.write(`request ${request.length} ${input ? 'input' : 'none'}\n`);
    socket.write(request);
    const endInput = input ? feed(input, end) : () => {};
    let left = 0;
    /** The next piece of output; null: it ended. */
    const next = async (): Promise<Buffer | null> => {
      while (left === 0) {
        const [verb, first, second] = (await reader.line(MAX_LINE_BYTES)).split(' ');
        if (verb === 'output') left = counted(first, MAX_CHUNK_BYTES);
        else if (verb === 'end') {
          const code = counted(first, 255);
          const said = await reader.all(counted(second, MAX_SAID_BYTES));
          ended = true;
          if (!okCodes.includes(code)) failure ??= toolFailed(name, tail(said.toString('utf8')), code);
          return null;
        } else throw unexpected();
      }
      const piece = await reader.some(left);
      left -= piece.length;
      return piece;
    };
    try {
      for (let piece = await next(); piece; piece = await next()) if (failure === null) yield piece;
    } catch (error) {
      failure ??= error;
      breakOff();
    } finally {
      if (!ended && !isBroken) {
        // Whoever took the output wants no more of it; the rest has to come all the same.
        end(failure ?? cancelled(name));
        while (await next().catch(() => null));
      }
      ended = true;
      clearTimeout(timer);
      for (const one of endings) clearTimeout(one);
      signal?.removeEventListener('abort', onAbort);
      endInput();
    }
    if (failure !== null) throw failure;
  }

  return {
    act,
    get isBroken() {
      return isBroken;
    },
    close: breakOff,
  };
}

function counted(word: string | undefined, max: number): number {
  if (word === undefined || !/^\d{1,8}$/.test(word) || Number(word) > max) throw unexpected();
  return Number(word);
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
