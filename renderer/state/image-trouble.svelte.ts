/** The last failure of an act on the image store, shown on the pages that show images. */
import { type ErrorShape, toErrorShape } from '../../engine/contract/index.ts';

class ImageTrouble {
  error = $state.raw<ErrorShape | null>(null);
  /** What failed: `Build busybox`. */
  what = $state('');

  /** Runs the act; its failure is kept here. Resolves with the result, or null when it failed. */
  async during<T>(what: string, act: () => Promise<T>): Promise<T | null> {
    this.error = null;
    try {
      return await act();
    } catch (thrown) {
      const error = toErrorShape(thrown);
      if (error.code !== 'cancelled') {
        this.what = what;
        this.error = error;
      }
      return null;
    }
  }

  forget(): void {
    this.error = null;
  }
}

export const imageTrouble = new ImageTrouble();
