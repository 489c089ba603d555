/** The state feed: every change with a revision that rises by one, a snapshot first. A gap tells a listener to ask again. */
import type { StateEvent } from './contract/api.ts';

type Snapshot = Omit<Extract<StateEvent, { type: 'snapshot' }>, 'type' | 'revision'>;
type Without<T> = T extends { revision: number } ? Omit<T, 'revision'> : never;
export type StateChange = Without<Exclude<StateEvent, { type: 'snapshot' }>>;

export class Feed {
  #revision = 0;
  readonly #listeners = new Set<(event: StateEvent) => void>();
  readonly #snapshot: () => Snapshot;

  constructor(snapshot: () => Snapshot) {
    this.#snapshot = snapshot;
  }

  publish(change: StateChange): void {
    this.#revision += 1;
    const event = { ...change, revision: this.#revision } as StateEvent;
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls back with a snapshot at once, then with each change. Answers the function that ends it. */
  subscribe(listener: (event: StateEvent) => void): () => void {
    listener({ type: 'snapshot', revision: this.#revision, ...this.#snapshot() });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
