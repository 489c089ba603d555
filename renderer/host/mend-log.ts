/** Whose output the page of hosts shows: of every mend that writes, once, also of one that is over by the time it is heard of. */
import type { Operation } from '../../engine/contract/index.ts';

type Mend = Pick<Operation, 'id' | 'state' | 'hasLog'>;

export class MendLog {
  readonly #shown: Set<string>;

  /** `before`: those there are as the page opens. What is over by then was somebody else's. */
  constructor(before: readonly Mend[]) {
    this.#shown = new Set(before.filter(({ state }) => state !== 'running').map(({ id }) => id));
  }

  /** The newest whose output was not shown yet; null: there is none. */
  next(mends: readonly Mend[]): string | null {
    const fresh = mends.filter(({ id, hasLog }) => hasLog && !this.#shown.has(id));
    for (const { id } of fresh) this.#shown.add(id);
    return fresh.at(-1)?.id ?? null;
  }
}
