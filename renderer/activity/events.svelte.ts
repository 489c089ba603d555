/** What happened, newest first: what the engine kept, then what it says from now on. */
import { type EngineEvent, type ErrorShape, type EventQuery, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';

/** Events kept for looking back. */
const KEPT = 1000;

export class EventFeed {
  all = $state.raw<readonly EngineEvent[]>([]);
  error = $state.raw<ErrorShape | null>(null);
  loaded = $state(false);
  #stop: () => void;
  #query: EventQuery;

  /** `query`: only these, now and from now on. */
  constructor(query: Pick<EventQuery, 'guest' | 'last'> = {}) {
    this.#query = { last: KEPT, ...query };
    const { guest } = query;
    this.#stop = engine.subscribe('events', {}, (event) => {
      if (guest === undefined || event.id === guest) this.all = [event, ...this.all].slice(0, KEPT);
    });
    void this.#past();
  }

  close(): void {
    this.#stop();
  }

  async #past(): Promise<void> {
    try {
      const past = await engine.call('events.list', this.#query);
      // What came in the meantime may be in both.
      const known = new Set(this.all.map(keyOf));
      const older = past.filter((event) => !known.has(keyOf(event))).sort((a, b) => b.at - a.at);
      this.all = [...this.all, ...older].slice(0, KEPT);
    } catch (thrown) {
      this.error = toErrorShape(thrown);
    } finally {
      this.loaded = true;
    }
  }
}

const keyOf = ({ at, type, action, id }: EngineEvent): string => `${at} ${type} ${action} ${id}`;
