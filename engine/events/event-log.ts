/**
 * What happened, kept as lines of JSON in `events.jsonl` of the home: one `write` each at the file's end, so a kill
 * loses nothing that was told. At its full size the file takes the place of `events.jsonl.1`.
 */
import { appendFileSync, readFileSync, renameSync } from 'node:fs';
import type { EngineEvent, EventQuery } from '../contract/event.ts';
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
  const older = `${path}.1`;
  /** Bytes in the file; null: to be looked at. Only the owner of the home writes to it. */
  let size: number | null = null;
  let lastWarning = '';

  const keep = (event: EngineEvent) => {
    const line = `${JSON.stringify(event)}\n`;
    if (size === null) {
      const text = read(path);
      size = text.length;
      // A power cut or a full disk leaves half a line; what comes next has one of its own.
      if (text.length > 0 && text.at(-1) !== NEWLINE) appendFileSync(path, '\n');
    }
    const bytes = Buffer.byteLength(line);
    if (size > 0 && size + bytes > maxBytes) {
      renameSync(path, older);
      size = 0;
    }
    appendFileSync(path, line, { mode: 0o600 });
    size += bytes;
  };

  return {
    record({ at = Date.now(), attributes = {}, ...about }) {
      const short = Object.entries(attributes).map(([key, text]) => [key, text.slice(0, MAX_TEXT)]);
      const event: EngineEvent = { at, ...about, attributes: Object.fromEntries(short) };
      try {
        keep(event);
        lastWarning = '';
      } catch (error) {
        size = null;
        if (String(error) !== lastWarning) log.warn('an event could not be kept', { error });
        lastWarning = String(error);
      }
      for (const listener of listeners) listener(event);
    },
    list({ since = 0, until = Number.MAX_SAFE_INTEGER, guest, last }) {
      const found = [...parse(read(older)), ...parse(read(path))].filter(
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

const NEWLINE = 0x0a;

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Lines that are no events (a torn one, a person's edit) are passed over. */
function parse(text: Buffer): EngineEvent[] {
  return text
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const event = JSON.parse(line) as Partial<EngineEvent> | null;
        if (typeof event?.at !== 'number' || typeof event.id !== 'string' || typeof event.type !== 'string') return [];
        return [{ name: '', action: '', attributes: {}, ...event } as EngineEvent];
      } catch {
        return [];
      }
    });
}
