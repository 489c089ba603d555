/** Calls about consoles. */
import { GuesthouseError } from '../contract/errors.ts';
import { assertAllowed } from '../guests/state.ts';
import { guestOfSession } from '../streams/consoles.ts';
import type { CallsOf, Rooms } from './rooms.ts';

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export function consoleCalls({ guests, sessions, consoles }: Rooms): CallsOf<'consoles'> {
  return {
    'consoles.list': async ({ guest }) => {
      const id = guest === undefined ? undefined : guests.entry(guest).manifest.id;
      await consoles.ready(id);
      return sessions.list(id);
    },
    'consoles.exec': async ({ guest, command, tty, columns, rows, user, env, workingDir, borrowed }) => {
      const entry = guests.entry(guest);
      assertAllowed('exec', { name: entry.manifest.spec.name, state: entry.state });
      // Before there is a new one: it would be met again beside the others.
      await consoles.ready(entry.manifest.id);
      const endpoint = await entry.driver.exec(entry.manifest, {
        command,
        tty,
        columns: columns ?? DEFAULT_COLUMNS,
        rows: rows ?? DEFAULT_ROWS,
        user: user ?? null,
        env: env ?? [],
        ...(workingDir === undefined ? {} : { workingDir }),
        borrowed: borrowed ?? false,
      });
      return sessions.add(endpoint);
    },
    'consoles.close': async ({ session }) => {
      await consoles.ready(guestOfSession(session));
      const { id, guestId, kind, ended } = sessions.get(session);
      if (kind !== 'exec') {
        throw new GuesthouseError({
          code: 'wrong-state',
          message: "This is the guest's own console: it ends with the guest.",
          subject: id,
        });
      }
      const entry = guests.entry(guestId);
      if (!ended) await entry.driver.endExec(entry.manifest, id);
      sessions.forget(id);
      return null;
    },
  };
}
