/** What a machine plays, heard while somebody wants to: nothing comes before they ask. */
import {
  type ClientStream,
  type ErrorShape,
  SOUND_CHANNELS,
  SOUND_FRAME_BYTES,
  SOUND_RATE,
  toErrorShape,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { samplesOf } from './samples.ts';

/** Played this much later than it came, so that one late piece is not heard as a gap (seconds). */
const AHEAD_S = 0.12;
/** Further behind than this, what waits is left out (seconds). */
const MOST_AHEAD_S = 0.5;

export class GuestSound {
  on = $state(false);
  error = $state.raw<ErrorShape | null>(null);
  readonly #guest: string;
  #stream: ClientStream<'sound'> | null = null;
  #context: AudioContext | null = null;
  #turn = 0;
  /** When what came last has been played (of the context's clock). */
  #until = 0;
  /** The start of a moment whose end has not come yet. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(guest: string) {
    this.#guest = guest;
  }

  async start(): Promise<void> {
    if (this.on) return;
    const turn = ++this.#turn;
    this.on = true;
    this.error = null;
    try {
      this.#context ??= new AudioContext({ sampleRate: SOUND_RATE });
      await this.#context.resume();
      const stream = await engine.open(
        'sound',
        { guest: this.#guest },
        {
          onData: (bytes, from) => {
            if (turn === this.#turn) this.#play(bytes);
            from.consumed(bytes.length);
          },
        },
      );
      if (turn !== this.#turn) return stream.close();
      this.#stream = stream;
      await stream.ended;
      if (turn === this.#turn) this.stop();
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.stop();
      this.error = toErrorShape(thrown);
    }
  }

  stop(): void {
    this.#turn += 1;
    this.on = false;
    this.#stream?.close();
    this.#stream = null;
    this.#rest = new Uint8Array(0);
    this.#until = 0;
    void this.#context?.suspend();
  }

  /** For good. */
  close(): void {
    this.stop();
    void this.#context?.close();
    this.#context = null;
  }

  #play(bytes: Uint8Array): void {
    const context = this.#context;
    if (!context) return;
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const frames = Math.floor(all.length / SOUND_FRAME_BYTES);
    this.#rest = all.slice(frames * SOUND_FRAME_BYTES);
    if (frames === 0) return;
    const now = context.currentTime;
    if (this.#until > now + MOST_AHEAD_S) return;
    if (this.#until < now) this.#until = now + AHEAD_S;
    const buffer = context.createBuffer(SOUND_CHANNELS, frames, SOUND_RATE);
    for (const [at, channel] of samplesOf(all, frames, SOUND_CHANNELS).entries()) buffer.copyToChannel(channel, at);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.start(this.#until);
    this.#until += buffer.duration;
  }
}
