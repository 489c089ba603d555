/** A shell in the rescue machine, as a console session. There is one at a time: it has the machine's only terminal. */
import type { Socket } from 'node:net';
import { textOf } from '../../../guest-files/tools.ts';
import type { ConsoleEndpoint } from '../../driver.ts';
import type { OpenedRescue } from './opened.ts';

export interface ShellRequest {
  readonly id: string;
  readonly guestName: string;
  readonly columns: number;
  readonly rows: number;
}

const NO_TIMEOUT_MS = 2 ** 31 - 1;
/** A shell drops what was typed before its first prompt (PS1 in assets/rescue-init); without one nobody waits longer (ms). */
const PROMPT = /rescue:.*[#$] /;
const PROMPT_TIMEOUT_MS = 60_000;
/** Of what comes before it (bytes). */
const MAX_GREETING = 4096;
const NEWLINE = 10;

export function shellEndpoint(rescue: OpenedRescue, { id, guestName, columns, rows }: ShellRequest): ConsoleEndpoint {
  const { root, write } = rescue.shown;
  const ending = new AbortController();
  let socket: Socket | null = null;
  let detached = false;
  let lastTyped = NEWLINE;
  const ready = Promise.withResolvers<void>();
  let isReady = false;
  const begin = () => {
    isReady = true;
    ready.resolve();
  };
  const greeting = [
    `The disks of ${guestName}, ${write ? 'WRITABLE: what you change is changed' : 'as they were: they cannot be changed'}.`,
    root === null
      ? 'Nothing on them could be mounted.'
      : '`chroot .` runs its own programs; other file systems are in /fs.',
  ].join(' ');

  const waiting: Uint8Array[] = [];
  const leave = () => {
    if (socket && !socket.destroyed) socket.write(lastTyped === NEWLINE ? 'exit\n' : '\nexit\n');
  };

  return {
    id,
    guestId: rescue.guestId,
    kind: 'exec',
    title: 'rescue',
    tty: true,
    startedAt: Date.now(),
    awaited: true,
    history: async () => [],

    async start({ onData, onEnd }) {
      const line = await rescue.machine.connectShell();
      socket = line;
      line.on('error', () => {});
      let shown = '';
      line.on('data', (bytes: Buffer) => {
        if (!isReady) {
          shown = `${shown}${bytes.toString('latin1')}`.slice(-MAX_GREETING);
          if (PROMPT.test(shown)) begin();
        }
        onData(bytes, 'stdout');
      });
      const late = setTimeout(begin, PROMPT_TIMEOUT_MS);
      const words = ['shell', root === null ? '/' : `/fs/${root}`, String(columns), String(rows), greeting];
      const over = textOf(
        rescue.shellWorker.act(words, { signal: ending.signal, timeoutMs: NO_TIMEOUT_MS, okCodes: CODES }),
      );
      const end = () => {
        clearTimeout(late);
        begin();
        line.destroy();
        if (!detached) onEnd(null);
      };
      over.then(end, end);
    },
    write(bytes) {
      lastTyped = bytes.at(-1) ?? lastTyped;
      if (isReady) return !socket || socket.destroyed || socket.write(bytes);
      waiting.push(bytes);
      return false;
    },
    async drained() {
      await ready.promise;
      const line = socket;
      for (const bytes of waiting.splice(0)) if (line && !line.destroyed) line.write(bytes);
      if (!line || line.destroyed || !line.writableNeedDrain) return;
      await new Promise<void>((resolve) => {
        line.once('drain', () => resolve());
        line.once('close', () => resolve());
      });
    },
    // A terminal has no end of input; whoever gave it from a file or a pipe is not there to leave the shell.
    endInput: () => void (isReady ? leave() : ready.promise.then(leave)),
    resize(toColumns, toRows) {
      const size = [toColumns, toRows].map((count) => String(Math.floor(count)));
      rescue.act(['resize', ...size]).catch(() => {});
    },
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    detach() {
      detached = true;
      begin();
      ending.abort();
      socket?.destroy();
    },
  };
}

/** However a person leaves it. */
const CODES = Array.from({ length: 256 }, (_, code) => code);
