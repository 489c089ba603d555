/** The folder of a guest that is shown: read on asking, one answer at a time. */
import { type ErrorShape, type GuestFolder, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';

export class Folder {
  now = $state.raw<GuestFolder | null>(null);
  reading = $state(false);
  error = $state.raw<ErrorShape | null>(null);
  #guest: string;
  #turn = 0;

  constructor(guest: string) {
    this.#guest = guest;
  }

  /** True when it is shown; what was shown stays when it cannot be read. */
  async go(path: string): Promise<boolean> {
    const turn = ++this.#turn;
    this.reading = true;
    try {
      const folder = await engine.call('files.list', { guest: this.#guest, path });
      if (turn !== this.#turn) return false;
      this.now = folder;
      this.error = null;
      return true;
    } catch (thrown) {
      if (turn === this.#turn) this.error = toErrorShape(thrown);
      return false;
    } finally {
      if (turn === this.#turn) this.reading = false;
    }
  }

  again(): Promise<boolean> {
    return this.go(this.now?.path ?? '/');
  }

  /** Runs an act on its entries and reads it anew. Throws what the act throws. */
  async after(act: () => Promise<unknown>): Promise<void> {
    await act();
    await this.again();
  }
}
