/**
 * Lets the disk begin while layers still come. It promises nothing: the one sync before an image's record does, and finds
 * little left to wait for.
 */

/** Given to tar between one and the next (bytes). Smaller layers are not worth it. */
const STEP_BYTES = 24 * 1024 ** 2;

export interface Writeback {
  given(bytes: number): void;
  /** None of it is at work when it resolves. Never throws. */
  end(): Promise<void>;
}

/** Of all layers that are being unpacked: they are on one disk. */
let given = 0;
let isBusy = false;

export function createWriteback(sync: () => Promise<void>): Writeback {
  let running: Promise<void> = Promise.resolve();
  return {
    given(bytes) {
      given += bytes;
      if (isBusy || given < STEP_BYTES) return;
      given = 0;
      isBusy = true;
      const done = () => {
        isBusy = false;
      };
      running = sync().then(done, done);
    },
    end: () => running,
  };
}
