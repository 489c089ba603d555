/** The serial line as a console: input and live output over QEMU's socket, everything earlier from its log. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleEndpoint } from '../driver.ts';
import { connectUnix } from './connect.ts';
import { logSize, readRange, readTail, rotate } from './serial-log.ts';

/** Look at the log's size after every so many bytes of output. */
const ROTATE_CHECK_BYTES = 1024 * 1024;
/** How long joining log and live output may take on a line that is never quiet (ms). */
const JOIN_TIMEOUT_MS = 300;

export interface SerialRequest {
  readonly guestId: string;
  readonly startedAt: number;
  readonly socketPath: string;
  readonly logPath: string;
  /** Tells the guest its terminal's size; null when nobody in it listens. */
  readonly resize: ((columns: number, rows: number) => void) | null;
}

export function serialEndpoint(request: SerialRequest): ConsoleEndpoint {
  const { logPath } = request;
  let socket: Socket | null = null;
  /** Offset in the log up to which output was handed out as history. */
  let handedOut: number | null = null;
  let detached = false;
  let sinceCheck = 0;

  return {
    id: `${request.guestId}:serial`,
    guestId: request.guestId,
    kind: 'serial',
    title: 'ttyS0',
    tty: true,
    startedAt: request.startedAt,

    async history(maxBytes) {
      const { bytes, end } = await readTail(logPath, maxBytes);
      handedOut = end;
      return [{ bytes, channel: 'stdout' }];
    },

    async start({ onData, onEnd }) {
      const from = handedOut ?? (await logSize(logPath));
      const live = await connectUnix(request.socketPath);
      socket = live;
      let received = 0;
      let held: Buffer[] | null = [];
      live.on('error', () => {});
      live.on('data', (bytes: Buffer) => {
        received += bytes.length;
        if (held) held.push(bytes);
        else onData(bytes, 'stdout');
        sinceCheck += bytes.length;
        if (!held && sinceCheck >= ROTATE_CHECK_BYTES) {
          sinceCheck = 0;
          rotate(logPath).catch(() => {});
        }
      });
      const join = async () => {
        // Output between the history and QEMU's accepting us is only in the log. While the line is quiet, the log
        // ends where our reception ends, so what we missed is [history's end, log's end - received).
        const until = performance.now() + JOIN_TIMEOUT_MS;
        let size = await logSize(logPath);
        for (;;) {
          const before = received;
          await sleep(5);
          const now = await logSize(logPath);
          const quiet = now === size && received === before;
          size = now;
          if (quiet || performance.now() > until) break;
        }
        const missed = await readRange(logPath, from, size - received);
        const early = held ?? [];
        held = null;
        if (missed.length > 0) onData(missed, 'stdout');
        for (const bytes of early) onData(bytes, 'stdout');
      };
      const joined = join().catch(() => {
        const early = held ?? [];
        held = null;
        for (const bytes of early) onData(bytes, 'stdout');
      });
      live.on('close', () => {
        void joined.then(() => {
          if (!detached) onEnd(null);
        });
      });
    },

    write(bytes) {
      // Nobody listens any more: the input is gone like a key pressed on a dead terminal.
      if (!socket || socket.destroyed) return true;
      return socket.write(bytes);
    },
    drained() {
      const line = socket;
      if (!line || line.destroyed || !line.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => {
        line.once('drain', resolve);
        line.once('close', resolve);
      });
    },
    endInput() {},
    resize: (columns, rows) => request.resize?.(columns, rows),
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    detach() {
      detached = true;
      socket?.destroy();
    },
  };
}
