/** Files on their way into or out of a guest: one after the other, with bytes and cancel. */
import {
  type ClientStream,
  type EngineStreams,
  type ErrorShape,
  GuesthouseError,
  toErrorShape,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { joinPath } from '../state/guest-path.ts';
import { save } from '../ui/save-file.ts';

/** Read from the file at a time (bytes). */
const PIECE_BYTES = 256 * 1024;

export interface Going {
  readonly way: 'up' | 'down';
  readonly name: string;
  readonly done: number;
  /** null: not known. */
  readonly total: number | null;
}

export class Transfers {
  going = $state.raw<Going | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  #cut: (() => void) | null = null;

  cancel(): void {
    this.#cut?.();
  }

  /** True when all of it is there. */
  async upload(guest: string, folder: string, file: File): Promise<boolean> {
    return this.#run({ way: 'up', name: file.name, done: 0, total: file.size }, async (told, cuts) => {
      const wish = { guest, path: joinPath(folder, file.name), raw: true };
      const stream = await engine.open('copy-in', wish, { onData: () => {} });
      cuts(() => stream.close());
      await send(stream, file, told);
      await stream.ended;
    });
  }

  /** Gives the engine a file that the host may not have. `onwhole`: all of it is there, and what it becomes is made. */
  async give(
    file: File,
    as: 'image' | 'guest',
    onwhole: (end: Promise<EngineStreams['receive']['end']>) => void,
  ): Promise<void> {
    await this.#run({ way: 'up', name: file.name, done: 0, total: file.size }, async (told, cuts) => {
      const wish = { name: file.name, sizeBytes: file.size, as };
      const stream = await engine.open('receive', wish, { onData: () => {} });
      cuts(() => stream.close());
      await send(stream, file, told);
      onwhole(stream.ended);
    });
  }

  /** A folder comes as a tar archive. */
  async download(guest: string, path: string, name: string, folder: boolean): Promise<boolean> {
    const shown = folder ? `${name || 'root'}.tar` : name;
    return this.#run({ way: 'down', name: shown, done: 0, total: null }, async (told, cuts) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      let done = 0;
      const stream = await engine.open(
        'copy-out',
        { guest, path, ...(folder ? {} : { raw: true }) },
        {
          onData: (bytes, from) => {
            parts.push(bytes.slice());
            done += bytes.length;
            from.consumed(bytes.length);
            told(done);
          },
        },
      );
      cuts(() => stream.close());
      told(done, stream.opened.sizeBytes);
      await stream.ended;
      save(shown, new Blob(parts));
    });
  }

  async #run(
    first: Going,
    act: (told: (done: number, total?: number | null) => void, cuts: (cut: () => void) => void) => Promise<void>,
  ): Promise<boolean> {
    if (this.going) return false;
    let cancelled = false;
    this.error = null;
    this.going = first;
    this.#cut = () => {
      cancelled = true;
    };
    try {
      await act(
        (done, total = this.going?.total ?? null) => {
          this.going = { ...first, done, total };
        },
        (cut) => {
          if (cancelled) cut();
          this.#cut = () => {
            cancelled = true;
            cut();
          };
        },
      );
      return true;
    } catch (thrown) {
      const ours = thrown instanceof GuesthouseError && thrown.code === 'cancelled';
      if (!ours) this.error = toErrorShape(thrown);
      return false;
    } finally {
      this.going = null;
      this.#cut = null;
    }
  }
}

/** All of a file, at the pace of whoever takes it, and its end. */
async function send(
  stream: ClientStream<'copy-in'> | ClientStream<'receive'>,
  file: File,
  told: (done: number) => void,
): Promise<void> {
  // A refusal ends the stream while bytes still wait for credit.
  const broken = stream.ended.then(
    () => {},
    (thrown) => Promise.reject(thrown),
  );
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    stream.write(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
    await Promise.race([stream.drained(), broken]);
    told(Math.min(at + PIECE_BYTES, file.size));
  }
  stream.control({ type: 'stdin-end' });
}
