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

export function shellEndpoint(rescue: OpenedRescue, { id, guestName, columns, rows }: ShellRequest): ConsoleEndpoint {
  const { root, write } = rescue.shown;
  const ending = new AbortController();
  let socket: Socket | null = null;
  let detached = false;
  const greeting = [
    `The disks of ${guestName}, ${write ? 'WRITABLE: what you change is changed' : 'as they were: they cannot be changed'}.`,
    root === null
      ? 'Nothing on them could be mounted.'
      : '`chroot .` runs its own programs; other file systems are in /fs.',
  ].join(' ');

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
      line.on('data', (bytes: Buffer) => onData(bytes, 'stdout'));
      const words = ['shell', root === null ? '/' : `/fs/${root}`, String(columns), String(rows), greeting];
      const over = textOf(
        rescue.shellWorker.act(words, { signal: ending.signal, timeoutMs: NO_TIMEOUT_MS, okCodes: CODES }),
      );
      const end = () => {
        line.destroy();
        if (!detached) onEnd(null);
      };
      over.then(end, end);
    },
    write: (bytes) => !socket || socket.destroyed || socket.write(bytes),
    drained() {
      const line = socket;
      if (!line || line.destroyed || !line.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => {
        line.once('drain', resolve);
        line.once('close', resolve);
      });
    },
    endInput() {},
    resize(toColumns, toRows) {
      const size = [toColumns, toRows].map((count) => String(Math.floor(count)));
      rescue.act(['resize', ...size]).catch(() => {});
    },
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    detach() {
      detached = true;
      ending.abort();
      socket?.destroy();
    },
  };
}

/** However a person leaves it. */
const CODES = Array.from({ length: 256 }, (_, code) => code);
