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
  /** The guest was just started, or met again with `met`. */
  up(owner: ConsoleOwner, met: boolean): Promise<void>;
  /** Resolves when the consoles of this guest (left out: of every guest) are in `sessions`. */
  ready(guestId?: string): Promise<void>;
}

/** `eager`: open the consoles of guests met again without being asked. */
export function createConsoles(sessions: Sessions, log: Log, eager: boolean): Consoles {
  const waiting = new Map<string, ConsoleOwner>();
  const opening = new Map<string, Promise<void>>();
  const openNow = async (owner: ConsoleOwner) => {
    const endpoints = await owner.endpoints();
    await Promise.all(
      endpoints.map((endpoint) =>
        sessions.add(endpoint).catch((error) => log.warn('a console could not be opened', { id: endpoint.id, error })),
      ),
    );
  };
  const open = (owner: ConsoleOwner): Promise<void> => {
    waiting.delete(owner.id);
    const work = openNow(owner).finally(() => opening.delete(owner.id));
    opening.set(owner.id, work);
    return work;
  };
  return {
    async up(owner, met) {
      if (met && !eager) waiting.set(owner.id, owner);
      else await open(owner);
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
