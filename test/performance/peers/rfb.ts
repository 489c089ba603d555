/** As much of a VNC client (RFC 6143) as measures how long an answer takes: no picture is kept. */

/** Bytes both ways, whatever carries them. What comes is `take`n in, also before anybody reads it. */
export class Line {
  write: (bytes: Uint8Array) => void = () => {};
  held = Buffer.alloc(0);
  #wake: () => void = () => {};

  take(bytes: Uint8Array): void {
    this.held = Buffer.concat([this.held, bytes]);
    this.#wake();
  }

  /** The next so many bytes. Throws after ten seconds. */
  async read(count: number): Promise<Buffer> {
    const until = performance.now() + TIMEOUT_MS;
    while (this.held.length < count) {
      if (performance.now() > until) throw new Error('The screen does not answer.');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const bytes = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return bytes;
  }
}

export interface Rfb {
  /**
   * Asks for another size of the screen and waits for the answer, which QEMU gives at once (ExtendedDesktopSize), where
   * an update waits for the next turn of its timer. Milliseconds.
   */
  echo(): Promise<number>;
  /** Asks for changes, one update after the other, for so long; answers how many came. */
  updates(forMs: number): Promise<number>;
}

const VERSION = Buffer.from('RFB 003.008\n');
const SECURITY_NONE = 1;
/** Pseudo-encoding that announces sizes: -308. And pixels as they are: 0. */
const EXTENDED_DESKTOP_SIZE = -308;
const RAW = 0;
const BYTES_PER_PIXEL = 4;
const TIMEOUT_MS = 10_000;

export async function openRfb(line: Line): Promise<Rfb> {
  const take = (count: number) => line.read(count);

  await take(VERSION.length);
  line.write(VERSION);
  await take((await take(1)).readUInt8());
  line.write(Buffer.from([SECURITY_NONE]));
  if ((await take(4)).readUInt32BE() !== 0) throw new Error('The screen lets nobody in.');
  line.write(Buffer.from([1])); // shared
  const init = await take(24);
  await take(init.readUInt32BE(20));
  const encodings = Buffer.alloc(12);
  encodings.set([2, 0, 0, 2]);
  encodings.writeInt32BE(EXTENDED_DESKTOP_SIZE, 4);
  encodings.writeInt32BE(RAW, 8);
  line.write(encodings);

  /** Reads one update; says whether it held a size. */
  async function update(): Promise<boolean> {
    let sized = false;
    const head = await take(4);
    if (head.readUInt8() !== 0) throw new Error(`The screen sent a message of type ${head.readUInt8()}.`);
    for (let left = head.readUInt16BE(2); left > 0; left--) {
      const rect = await take(12);
      if (rect.readInt32BE(8) === EXTENDED_DESKTOP_SIZE) {
        sized = true;
        await take((await take(4)).readUInt8() * 16);
      } else await take(rect.readUInt16BE(4) * rect.readUInt16BE(6) * BYTES_PER_PIXEL);
    }
    return sized;
  }

  const size = init.subarray(0, 4);
  const request = (incremental: boolean) =>
    line.write(Buffer.concat([Buffer.from([3, incremental ? 1 : 0, 0, 0, 0, 0]), size]));
  // The first answer says that sizes are understood.
  request(false);
  await update();
  return {
    async echo() {
      const started = performance.now();
      // One screen of the size it has.
      const screen = Buffer.concat([Buffer.alloc(8), size, Buffer.alloc(4)]);
      line.write(Buffer.concat([Buffer.from([251, 0]), size, Buffer.from([1, 0]), screen]));
      while (!(await update()));
      return performance.now() - started;
    },
    async updates(forMs) {
      const until = performance.now() + forMs;
      let count = 0;
      while (performance.now() < until) {
        request(true);
        await update();
        count++;
      }
      return count;
    },
  };
}
