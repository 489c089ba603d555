/** Bytes that a stream's opener sends, for whoever takes them at its own pace. */
import { GuesthouseError } from '../contract/errors.ts';
import { INITIAL_CREDIT } from '../contract/wire.ts';

/** Bytes on their way in: held until they are taken, and only then is there credit for more. */
export function createIntake(credit: (count: number) => void) {
  const queue: Uint8Array[] = [];
  let waitingBytes = 0;
  let over: 'ended' | 'cut' | null = null;
  let wake: () => void = () => {};
  return {
    put(piece: Uint8Array) {
      if (over !== null || piece.length === 0) return;
      if (waitingBytes + piece.length > INITIAL_CREDIT) {
        throw new GuesthouseError({ code: 'invalid', message: 'More was sent than credit was given for.' });
      }
      waitingBytes += piece.length;
      queue.push(piece);
      wake();
    },
    end() {
      over ??= 'ended';
      wake();
    },
    /** Whoever sent it went away: what came is not the whole. */
    cut() {
      over ??= 'cut';
      wake();
    },
    async *taken(): AsyncGenerator<Uint8Array> {
      for (;;) {
        if (over === 'cut') throw new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' });
        const piece = queue.shift();
        if (piece) {
          waitingBytes -= piece.length;
          yield piece;
          credit(piece.length);
        } else if (over === 'ended') return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
