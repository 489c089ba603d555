/** The log of one guest as it is read from the engine: lines, how many were let go, and how it ended. */
import { type ClientStream, type ErrorShape, GuesthouseError, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { createCreditMeter } from './credit.ts';
import { type LogLine, LogReader } from './log-lines.ts';
import type { LogRange } from './log-range.ts';

/** Lines kept for reading and searching; the whole log can be saved to a file. */
export const KEPT_LINES = 50_000;
/** Lines are let go in pieces of this size, so that it happens seldom. */
const LET_GO = 5000;

/** Without a first line for so long there is none (ms). */
const EMPTY_MS = 400;

export interface LogWish {
  /** Where a log does not say when its lines were written, this one cannot be read. Else they come with their time where it does. */
  readonly timestamps: boolean;
  readonly range: LogRange;
}

export class LogFeed {
  /** With the unfinished line at its end, if there is one. */
  lines = $state.raw<readonly LogLine[]>([]);
  /** `lost`: it goes on by itself. */
  phase = $state<'opening' | 'live' | 'lost' | 'ended' | 'failed'>('opening');
  error = $state.raw<ErrorShape | null>(null);
  exitCode = $state<number | null>(null);
  #guest: string;
  #stream: ClientStream<'logs'> | null = null;
  #reader = new LogReader();
  #whole: LogLine[] = [];
  #request = 0;
  #turn = 0;
  /** Its lines have no times: known once it was asked. */
  #untimed = false;

  constructor(guest: string) {
    this.#guest = guest;
  }

  /** With other wishes than before, what is shown is read anew. */
  async open(wish: LogWish): Promise<void> {
    const { range } = wish;
    const timestamps = wish.timestamps || !this.#untimed;
    const turn = ++this.#turn;
    this.#stream?.close();
    this.#stream = null;
    this.phase = 'opening';
    const reader = new LogReader(timestamps);
    let fresh = true;
    const consume = createCreditMeter((bytes) => this.#stream?.consumed(bytes));
    try {
      const stream = await engine.open(
        'logs',
        {
          guest: this.#guest,
          follow: true,
          tailLines: KEPT_LINES,
          ...(timestamps ? { timestamps } : {}),
          ...(range.sinceMs === null ? {} : { sinceMs: range.sinceMs }),
          ...(range.untilMs === null ? {} : { untilMs: range.untilMs }),
        },
        {
          onData: (bytes, stream) => {
            if (turn !== this.#turn) return;
            this.#stream ??= stream;
            // The old lines stay in sight until the first new ones are there.
            if (fresh) {
              fresh = false;
              this.#reader = reader;
              this.#whole = [];
            }
            for (const line of reader.push(bytes)) this.#whole.push(line);
            if (this.#whole.length > KEPT_LINES + LET_GO) this.#whole.splice(0, this.#whole.length - KEPT_LINES);
            consume(bytes.length);
            this.#show();
          },
        },
      );
      if (turn !== this.#turn) return stream.close();
      this.#stream = stream;
      this.phase = 'live';
      // Nothing may come at all: then what another wish showed is not left standing.
      setTimeout(() => {
        if (turn !== this.#turn || !fresh) return;
        this.#reader = reader;
        this.#whole = [];
        this.#show();
      }, EMPTY_MS);
      const { exitCode } = await stream.ended;
      if (turn !== this.#turn) return;
      this.exitCode = exitCode;
      this.phase = 'ended';
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.error = toErrorShape(thrown);
      if (this.error.code === 'unsupported' && timestamps && !wish.timestamps) {
        this.#untimed = true;
        return this.open(wish);
      }
      this.phase = thrown instanceof GuesthouseError && thrown.code === 'disconnected' ? 'lost' : 'failed';
    }
  }

  close(): void {
    this.#turn += 1;
    this.#stream?.close();
    this.#stream = null;
    cancelAnimationFrame(this.#request);
  }

  /** Once a frame at most, however fast the guest writes. */
  #show(): void {
    if (this.#request) return;
    this.#request = requestAnimationFrame(() => {
      this.#request = 0;
      const unfinished = this.#reader.unfinished();
      this.lines = unfinished ? [...this.#whole, unfinished] : [...this.#whole];
    });
  }
}

/** The whole log as one file, read anew. */
export async function readWholeLog(guest: string): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const stream = await engine.open(
    'logs',
    { guest },
    {
      onData: (bytes, stream) => {
        parts.push(bytes.slice());
        stream.consumed(bytes.length);
      },
    },
  );
  await stream.ended;
  return new Blob(parts, { type: 'text/plain' });
}
