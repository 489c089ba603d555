/** What happened, newest first: what the engine kept, then what it says from now on. */
import { type EngineEvent, type ErrorShape, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';

/** Events kept for looking back. */
const KEPT = 1000;

export class EventFeed {
  all = $state.raw<readonly EngineEvent[]>([]);
  error = $state.raw<ErrorShape | null>(null);
  loaded = $state(false);
  #stop: () => void;

  constructor() {
    this.#stop = engine.subscribe('events', {}, (event) => {
      this.all = [event, ...this.all].slice(0, KEPT);
    });
    void this.#past();
  }

  close(): void {
    this.#stop();
  }

  async #past(): Promise<void> {
    try {
      const past = await engine.call('events.list', { last: KEPT });
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
