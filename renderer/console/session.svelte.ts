/**
 * A terminal's link to a console session of the engine. It opens the stream, gives credit for what was parsed, and
 * says how things stand. After a lost link it is opened again; the engine replays its ring, so nothing is missed.
 */
import {
  type ClientStream,
  type ConsoleSession,
  type ErrorShape,
  GuesthouseError,
  INITIAL_CREDIT,
  toErrorShape,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { createCreditMeter } from './credit.ts';

/** `lost`: it goes on by itself. `ended`: the program did. `failed`: it could not be opened, or broke. */
export type Phase = 'opening' | 'live' | 'lost' | 'ended' | 'failed';

/** Kept of what is typed while a session opens (writes: keystrokes, or pieces of a paste). */
const EARLY_WRITES = 256;

/** What a flood may have on its way to a terminal (bytes): enough that it never waits, little for Ctrl-C to overtake. */
const ON_THE_WAY = 128 * 1024;

/** What shows the session. */
export interface Screen {
  replay(bytes: number): void;
  write(bytes: Uint8Array, done: () => void): void;
}

export type ConsoleTarget = { readonly session: string } | { readonly guest: string };

export class SessionLink {
  phase = $state<Phase>('opening');
  session = $state.raw<ConsoleSession | null>(null);
  exitCode = $state<number | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  #target: ConsoleTarget;
  #screen: Screen;
  #stream: ClientStream<'console'> | null = null;
  /** Rises with every opening; what an earlier one still says is not heard. */
  #turn = 0;
  /** Typed while it opens. */
  #early: Uint8Array[] = [];

  constructor(target: ConsoleTarget, screen: Screen) {
    this.#target = target;
    this.#screen = screen;
  }

  async open(): Promise<void> {
    const turn = ++this.#turn;
    this.#stream?.close();
    this.#stream = null;
    this.#early = [];
    this.phase = 'opening';
    this.error = null;
    const consume = createCreditMeter((bytes) => {
      if (turn === this.#turn) this.#stream?.consumed(bytes);
    }, INITIAL_CREDIT - ON_THE_WAY);
    try {
      const stream = await engine.open('console', this.#target, {
        onData: (bytes, stream) => {
          if (turn !== this.#turn) return;
          this.#stream ??= stream;
          this.#screen.write(bytes, () => consume(bytes.length));
        },
        onControl: (mark) => {
          if (turn === this.#turn && mark.type === 'replay') this.#screen.replay(mark.bytes);
        },
      });
      if (turn !== this.#turn) return stream.close();
      this.#stream = stream;
      this.session = stream.opened;
      this.phase = 'live';
      for (const bytes of this.#early.splice(0)) stream.write(bytes);
      const { exitCode } = await stream.ended;
      if (turn !== this.#turn) return;
      this.exitCode = exitCode;
      this.phase = 'ended';
    } catch (thrown) {
      if (turn === this.#turn) this.#break(thrown);
    }
  }

  /** Typed bytes. They wait for a session that opens; without a link they are dropped: nobody wants them run a minute later. */
  send(bytes: Uint8Array): void {
    if (this.phase === 'live') this.#stream?.write(bytes);
    else if (this.phase === 'opening' && this.#early.length < EARLY_WRITES) this.#early.push(bytes);
  }

  resize(columns: number, rows: number): void {
    this.#stream?.control({ type: 'resize', columns, rows });
  }

  close(): void {
    this.#turn += 1;
    this.#stream?.close();
    this.#stream = null;
  }

  #break(thrown: unknown): void {
    const error = toErrorShape(thrown);
    if (thrown instanceof GuesthouseError && error.code === 'disconnected') this.phase = 'lost';
    else {
      this.error = error;
      this.phase = 'failed';
    }
  }
}
