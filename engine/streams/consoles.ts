/**
 * Opening the consoles of guests that were met again. While a window may look, all are opened at once; a short command
 * opens those it is asked about, because each costs a socket and a look into a log.
 */
import type { ConsoleEndpoint } from '../drivers/driver.ts';
import type { Log } from '../host/log.ts';
import type { Sessions } from './sessions.ts';

/** A guest that runs, as far as its consoles go. */
export interface ConsoleOwner {
  readonly id: string;
  endpoints(): Promise<readonly ConsoleEndpoint[]>;
}

export interface Consoles {
  /** The guest was just started: its consoles are opened meanwhile, and `ready` waits for them. */
  started(owner: ConsoleOwner): void;
  /** The guest was met again. */
  met(owner: ConsoleOwner): Promise<void>;
  /** Resolves when the consoles of this guest (left out: of every guest) are in `sessions`. */
  ready(guestId?: string): Promise<void>;
}

/** `eager`: open the consoles of guests met again without being asked. */
export function createConsoles(sessions: Sessions, log: Log, eager: boolean): Consoles {
  const waiting = new Map<string, ConsoleOwner>();
  const opening = new Map<string, Promise<void>>();
  const openNow = async (owner: ConsoleOwner) => {
    const lost = (error: unknown) => log.warn('a console could not be opened', { guest: owner.id, error });
    const endpoints = await owner.endpoints().catch((error) => {
      lost(error);
      return [];
    });
    await Promise.all(endpoints.map((endpoint) => sessions.add(endpoint).catch(lost)));
  };
  const open = (owner: ConsoleOwner): Promise<void> => {
    waiting.delete(owner.id);
    const work = openNow(owner).finally(() => {
      // It may have been started anew meanwhile.
      if (opening.get(owner.id) === work) opening.delete(owner.id);
    });
    opening.set(owner.id, work);
    return work;
  };
  return {
    started: (owner) => void open(owner),
    async met(owner) {
      if (eager) await open(owner);
      else waiting.set(owner.id, owner);
    },
    async ready(guestId) {
      for (const owner of [...waiting.values()]) if (guestId === undefined || owner.id === guestId) void open(owner);
      await Promise.all(guestId === undefined ? opening.values() : [opening.get(guestId)]);
    },
  };
}

/** Whose session this is, by its id (`<guest id>:exec-...`). */
export function guestOfSession(sessionId: string): string {
  return sessionId.slice(0, sessionId.indexOf(':'));
}
