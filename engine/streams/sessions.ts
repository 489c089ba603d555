/** All console sessions of an engine, by id and by guest. */
import { GuesthouseError } from '../contract/errors.ts';
import type { ConsoleSession } from '../contract/guest.ts';
import type { ConsoleEndpoint } from '../drivers/driver.ts';
import { openSession, type Session, type SessionOptions, type WatchOptions } from './session.ts';
import type { Watch, Watcher } from './watch.ts';

/** Ended exec sessions kept per guest, so that a script that runs thousands of programs does not fill the memory. */
const ENDED_KEPT = 20;

export interface SessionsOptions extends Omit<SessionOptions, 'onChange'> {
  /** A session appeared or ended. */
  readonly onChange: (session: ConsoleSession) => void;
  readonly onRemoved: (sessionId: string) => void;
}

export interface Sessions {
  /**
   * Takes an endpoint over: a new program's or one met again. An earlier session of the same id (the console of an
   * earlier run) is forgotten. Rejects when the endpoint cannot be started.
   */
  add(endpoint: ConsoleEndpoint): Promise<ConsoleSession>;
  list(guestId?: string): readonly ConsoleSession[];
  /** Throws `not-found`. */
  get(sessionId: string): ConsoleSession;
  /** The main or serial console of a guest. Throws `not-found`. */
  ofGuest(guestId: string): ConsoleSession;
  /** Throws `not-found`. Nothing is sent before the watch was granted credit. */
  watch(
    sessionId: string,
    watcher: Watcher,
    options?: WatchOptions,
  ): { readonly session: ConsoleSession; readonly watch: Watch };
  /** A copy of the scrollback. Throws `not-found`. */
  snapshot(sessionId: string, tailBytes: number): Uint8Array;
  /** Lets go of one session; the program behind it goes on. Idempotent. */
  forget(sessionId: string): void;
  /** The guest is gone. Who was promised every byte of a program still gets the rest of them. */
  forgetGuest(guestId: string): void;
  /** Lets go of all; nothing is reported. */
  close(): void;
}

export function createSessions({ onChange, onRemoved, ...options }: SessionsOptions): Sessions {
  const sessions = new Map<string, Session>();
  /** Endpoints being opened: forgetting one meanwhile must win. */
  const opening = new Map<string, ConsoleEndpoint>();

  const find = (id: string): Session => {
    const found = sessions.get(id);
    if (!found) throw notFound(`There is no console session ${id}.`, id);
    return found;
  };

  const forget = (id: string) => {
    opening.delete(id);
    const session = sessions.get(id);
    if (!session) return;
    sessions.delete(id);
    session.close();
    onRemoved(id);
  };

  const list = (guestId?: string) =>
    [...sessions.values()].map(({ info }) => info).filter((info) => guestId === undefined || info.guestId === guestId);

  const thin = (guestId: string) => {
    const over = list(guestId).filter(({ kind, ended }) => kind === 'exec' && ended);
    for (const { id } of over.slice(0, Math.max(0, over.length - ENDED_KEPT))) {
      if (sessions.get(id)?.watchers === 0) forget(id);
    }
  };

  return {
    async add(endpoint) {
      forget(endpoint.id);
      opening.set(endpoint.id, endpoint);
      let listed = false;
      try {
        const session = await openSession(endpoint, {
          ...options,
          onChange: (info) => {
            if (!listed) return;
            onChange(info);
            thin(info.guestId);
          },
        });
        if (opening.get(endpoint.id) !== endpoint) {
          session.close();
          throw notFound(`The console session ${endpoint.id} was closed while it was opened.`, endpoint.id);
        }
        sessions.set(endpoint.id, session);
        listed = true;
        onChange(session.info);
        return session.info;
      } finally {
        if (opening.get(endpoint.id) === endpoint) opening.delete(endpoint.id);
      }
    },
    list,
    get: (id) => find(id).info,
    ofGuest(guestId) {
      const found = list(guestId).find(({ kind }) => kind !== 'exec');
      if (!found) throw notFound('The guest has no console now.', guestId);
      return found;
    },
    watch(id, watcher, watchOptions) {
      const session = find(id);
      return { session: session.info, watch: session.watch(watcher, watchOptions) };
    },
    snapshot: (id, tailBytes) => find(id).snapshot(tailBytes),
    forget,
    forgetGuest(guestId) {
      for (const endpoint of [...opening.values()]) if (endpoint.guestId === guestId) opening.delete(endpoint.id);
      for (const { id } of list(guestId)) {
        const session = sessions.get(id);
        const { unread } = session ?? { unread: null };
        if (unread === null) forget(id);
        else void unread.then(() => sessions.get(id) === session && forget(id));
      }
    },
    close() {
      opening.clear();
      for (const session of sessions.values()) session.close();
      sessions.clear();
    },
  };
}

function notFound(message: string, subject: string): GuesthouseError {
  return new GuesthouseError({ code: 'not-found', message, subject });
}
