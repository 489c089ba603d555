/** One further program in a guest, as this engine sees it: its lines, its end, its console. */
import type { Socket } from 'node:net';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { ConsoleEndpoint } from '../../driver.ts';
import type { SessionHistory } from './history.ts';
import { createMarkReader } from './marks.ts';
import type { Pipes } from './pipes.ts';

/** On disk in the run folder, before anything of it is made. */
export interface SessionRecord {
  /** 8 hex digits. */
  readonly id: string;
  readonly token: string;
  readonly tty: boolean;
  readonly title: string;
  readonly startedAt: number;
  /** Not met again: whoever asked for it is gone with its engine. */
  readonly hidden: boolean;
}

export interface SessionSource {
  readonly guestId: string;
  readonly record: SessionRecord;
  readonly main: Pipes;
  /** Of a program without a terminal. */
  readonly errors: Pipes | null;
  /** Of one with a terminal. */
  readonly history: SessionHistory | null;
  resize(columns: number, rows: number): void;
}

export interface Session {
  readonly endpoint: ConsoleEndpoint;
  /** Resolves when the guest said that it runs; throws `disconnected`, or `refused` words. */
  readonly up: Promise<{ refused: string | null }>;
  /** Resolves with the exit code once all of its output came; null when its lines broke. */
  readonly ended: Promise<number | null>;
  /** Before what is typed. */
  say(opening: Uint8Array): void;
  /** Takes its end for granted, though nobody said so. */
  abandon(): void;
  /** Lets go; the program goes on. */
  release(): void;
}

type Channel = 'stdout' | 'stderr';

export function createSession(source: SessionSource): Session {
  const { record, main, errors, history } = source;
  const up = Promise.withResolvers<{ refused: string | null }>();
  const end = Promise.withResolvers<number | null>();
  up.promise.catch(() => {});
  const lines: readonly (readonly [Socket, Channel])[] = [
    [main.output, 'stdout'],
    ...(errors ? [[errors.output, 'stderr'] as const] : []),
  ];
  let open = lines.length;
  let code: number | null = null;
  let early: { bytes: Uint8Array; channel: Channel }[] | null = [];
  let onData: ((bytes: Uint8Array, channel: Channel) => void) | null = null;
  let paused = false;
  let released = false;
  let draining: Promise<void> | null = null;
  let over = false;
  let started = false;

  const flow = () => {
    // Until somebody asks for the output, what the pipes hold is what the program can be ahead.
    const wanted = !paused && (started || early !== null);
    for (const [socket] of lines) wanted ? socket.resume() : socket.pause();
  };
  const take = (bytes: Uint8Array, channel: Channel) => {
    if (early) {
      early.push({ bytes, channel });
      if (!started) for (const [socket] of lines) socket.pause();
      return;
    }
    history?.add(bytes);
    onData?.(bytes, channel);
  };
  const finish = () => {
    up.reject(new GuesthouseError({ code: 'disconnected', message: 'The program in the guest cannot be reached.' }));
    over = true;
    end.resolve(code);
  };
  for (const [socket, channel] of lines) {
    const marks = createMarkReader(record.token);
    let lineOver = false;
    const endLine = () => {
      if (lineOver) return;
      lineOver = true;
      if (--open === 0) finish();
    };
    socket.on('data', (bytes: Buffer) => {
      for (const piece of marks.push(bytes)) {
        // Left behind by the program, and said after its end.
        if (lineOver) return;
        if (piece.kind === 'output') take(piece.bytes, channel);
        else if (piece.words === 'up') up.resolve({ refused: null });
        else if (piece.words.startsWith('refused ')) {
          up.resolve({ refused: piece.words.slice('refused '.length) });
          open = 1;
          endLine();
        } else if (/^end \d{1,3}$/.test(piece.words)) {
          code = Number(piece.words.slice('end '.length));
          endLine();
        }
      }
    });
    socket.on('close', endLine);
  }

  const endpoint: ConsoleEndpoint = {
    id: `${source.guestId}:exec-${record.id}`,
    guestId: source.guestId,
    kind: 'exec',
    title: record.title,
    tty: record.tty,
    startedAt: record.startedAt,
    async history(maxBytes) {
      const bytes = history?.read(maxBytes) ?? Buffer.alloc(0);
      return bytes.length === 0 ? [] : [{ bytes, channel: 'stdout' }];
    },
    async start(handlers) {
      onData = handlers.onData;
      started = true;
      const first = early ?? [];
      early = null;
      for (const { bytes, channel } of first) take(bytes, channel);
      flow();
      void end.promise.then((found) => {
        if (!released) handlers.onEnd(found);
      });
    },
    write(bytes) {
      if (main.input.destroyed || bytes.length === 0) return true;
      if (!record.tty) main.input.write(`${bytes.length}\n`);
      return main.input.write(bytes);
    },
    drained() {
      const { input } = main;
      if (input.destroyed || !input.writableNeedDrain) return Promise.resolve();
      // `close` of the socket follows its end; one listener for all who wait.
      draining ??= new Promise<void>((resolve) => {
        const done = () => {
          for (const name of ['drain', 'close']) input.off(name, done);
          draining = null;
          resolve();
        };
        for (const name of ['drain', 'close']) input.once(name, done);
      });
      return Promise.race([draining, end.promise.then(() => {})]);
    },
    endInput() {
      if (!record.tty && !main.input.destroyed) main.input.write('0\n');
    },
    resize: source.resize,
    pause() {
      paused = true;
      flow();
    },
    resume() {
      paused = false;
      flow();
    },
    detach() {
      // The program goes on, and must not wait for a reader that will not come.
      onData = null;
      early = null;
      paused = false;
      released = true;
      started = true;
      flow();
    },
  };
  flow();
  return {
    endpoint,
    up: up.promise,
    ended: end.promise,
    say: (opening) => void main.input.write(opening),
    abandon: finish,
    release() {
      // Whoever waits for its end still hears of one that came before.
      if (!over) released = true;
      main.close();
      errors?.close();
    },
  };
}
