/** What happened, kept as lines in `events.jsonl` of the home. */
import type { EngineEvent, EventQuery } from '../contract/event.ts';
import { lineFile } from '../host/line-file.ts';
import type { Log } from '../host/log.ts';

/** Of each of the two files (bytes): some ten thousand events. */
const FILE_MAX_BYTES = 2 * 1024 * 1024;
/** What a guest or an image says of itself may be long (characters). */
const MAX_TEXT = 500;

/** `at` is left out for what happens now. */
export type NewEvent = Omit<EngineEvent, 'at' | 'attributes'> & {
  readonly at?: number;
  readonly attributes?: Readonly<Record<string, string>>;
};
export type RecordEvent = (event: NewEvent) => void;

export interface EventLog {
  /** Keeps it and tells all listeners. Never throws: what cannot be kept is told all the same. */
  readonly record: RecordEvent;
  /** Oldest first. */
  list(query: EventQuery): EngineEvent[];
  /** Answers the function that ends it. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
}

/** Nothing is opened before the first event. */
export function openEventLog(path: string, log: Log, maxBytes = FILE_MAX_BYTES): EventLog {
  const listeners = new Set<(event: EngineEvent) => void>();
  const file = lineFile(path, maxBytes);
  let lastWarning = '';

  return {
    record({ at = Date.now(), attributes = {}, ...about }) {
      const short = Object.entries(attributes).map(([key, text]) => [key, text.slice(0, MAX_TEXT)]);
      const event: EngineEvent = { at, ...about, attributes: Object.fromEntries(short) };
      try {
        file.append(event);
        lastWarning = '';
      } catch (error) {
        if (String(error) !== lastWarning) log.warn('an event could not be kept', { error });
        lastWarning = String(error);
      }
      for (const listener of listeners) listener(event);
    },
    list({ since = 0, until = Number.MAX_SAFE_INTEGER, guest, last }) {
      const found = file
        .read()
        .flatMap(eventOf)
        .filter(
          ({ at, type, id, name }) =>
            at >= since && at <= until && (guest === undefined || (type === 'guest' && [id, name].includes(guest))),
        );
      found.sort((a, b) => a.at - b.at);
      return last === undefined ? found : found.slice(-last);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** None of a line that is no event. */
function eventOf(value: unknown): EngineEvent[] {
  const event = value as Partial<EngineEvent> | null;
  if (typeof event?.at !== 'number' || typeof event.id !== 'string' || typeof event.type !== 'string') return [];
  return [{ name: '', action: '', attributes: {}, ...event } as EngineEvent];
}
