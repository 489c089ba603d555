/** The last failure of an act on images, volumes, networks, disks or snapshots, shown on the pages that show them. */
import { type ErrorShape, toErrorShape } from '../../engine/contract/index.ts';

class StoreTrouble {
  error = $state.raw<ErrorShape | null>(null);

  /** Runs the act; its failure is kept here. Resolves with the result, or null when it failed. */
  async during<T>(act: () => Promise<T>): Promise<T | null> {
    this.error = null;
    try {
      return await act();
    } catch (thrown) {
      this.report(toErrorShape(thrown));
      return null;
    }
  }

  report(error: ErrorShape): void {
    if (error.code !== 'cancelled') this.error = error;
  }

  forget(): void {
    this.error = null;
  }
}

export const storeTrouble = {
  images: new StoreTrouble(),
  volumes: new StoreTrouble(),
  networks: new StoreTrouble(),
  disks: new StoreTrouble(),
  snapshots: new StoreTrouble(),
  suspending: new StoreTrouble(),
};
