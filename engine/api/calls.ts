/** Every call of the contract, bound to the room that answers it. */
import type { CallArgs, CallName, CallResult } from '../contract/api.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Feed } from '../feed.ts';
import type { Costs } from '../guests/costs.ts';
import type { Guests } from '../guests/guests.ts';
import type { Operations } from '../guests/operations.ts';
import { assertAllowed } from '../guests/state.ts';
import { browse } from '../host/browse.ts';
import { hostFacts } from '../host/facts.ts';
import type { Paths } from '../host/paths.ts';
import { freePort } from '../host/ports.ts';
import { VERSION } from '../host/version.ts';
import type { ImageStore } from '../images/store.ts';
import type { Metrics } from '../metrics/index.ts';
import type { House } from '../networks/house.ts';
import type { Sessions } from '../streams/sessions.ts';
import { doctor } from './doctor.ts';

export interface Rooms {
  readonly paths: Paths;
  readonly feed: Feed;
  readonly house: House;
  readonly images: ImageStore;
  readonly guests: Guests;
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly metrics: Metrics;
  readonly costs: Costs;
  readonly drivers: readonly Driver[];
  /** Guest folders that could not be read at start. */
  readonly unreadable: readonly { id: string; reason: string }[];
}

export type Calls = { [N in CallName]: (args: CallArgs<N>) => Promise<CallResult<N>> };

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export function createCalls(rooms: Rooms): Calls {
  const { guests, images, operations, sessions, metrics } = rooms;
  return {
    'guests.list': async () => guests.list(),
    'guests.inspect': async ({ guest }) => guests.inspect(guest),
    'guests.check': ({ draft }) => guests.check(draft),
    'guests.create': ({ draft }) => guests.create(draft),
    'guests.start': ({ guest }) => guests.start(guest),
    'guests.stop': ({ guest, graceMs }) => guests.stop(guest, graceMs),
    'guests.kill': ({ guest }) => guests.kill(guest),
    'guests.restart': ({ guest, graceMs }) => guests.restart(guest, graceMs),
    'guests.pause': ({ guest }) => guests.pause(guest),
    'guests.resume': ({ guest }) => guests.resume(guest),
    'guests.remove': async ({ guest, force }) => {
      await guests.remove(guest, force);
      return null;
    },
    'guests.wait': async ({ guest, states, timeoutMs }) => wait(rooms, guest, states, timeoutMs),

    'images.list': async () => images.list(),
    'images.build': ({ builder }) =>
      operations.run({ verb: 'build-image', targetId: null, target: builder, cancellable: true }, (operation) =>
        images.build(builder, operation),
      ),
    'images.import': ({ path, name }) =>
      operations.run({ verb: 'import-image', targetId: null, target: name ?? path, cancellable: true }, (operation) =>
        images.import(path, name, operation),
      ),
    'images.pull': ({ reference, insecure }) =>
      operations.run({ verb: 'pull-image', targetId: null, target: reference, cancellable: true }, (operation) =>
        images.pull(reference, { insecure: insecure ?? false }, operation),
      ),
    'images.remove': async ({ image }) => {
      const { id, name } = images.get(image);
      await operations.run({ verb: 'remove-image', targetId: id, target: name, cancellable: false }, () =>
        images.remove(image),
      );
      return null;
    },

    'operations.list': async () => operations.list(),
    'operations.cancel': async ({ operation }) => {
      operations.cancel(operation);
      return null;
    },

    'consoles.list': async ({ guest }) =>
      sessions.list(guest === undefined ? undefined : guests.entry(guest).manifest.id),
    'consoles.exec': async ({ guest, command, tty, columns, rows, user, env }) => {
      const entry = guests.entry(guest);
      assertAllowed('exec', { name: entry.manifest.spec.name, state: entry.state });
      const endpoint = await entry.driver.exec(entry.manifest, {
        command,
        tty,
        columns: columns ?? DEFAULT_COLUMNS,
        rows: rows ?? DEFAULT_ROWS,
        user: user ?? null,
        env: env ?? [],
      });
      return sessions.add(endpoint);
    },
    'consoles.close': async ({ session }) => {
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

    'metrics.now': ({ guests: refs }) =>
      metrics.now(refs?.map((ref) => (ref === 'host' ? ref : guests.entry(ref).manifest.id))),
    'metrics.history': async (query) =>
      metrics.history({ ...query, id: query.id === 'host' ? 'host' : guests.entry(query.id).manifest.id }),

    'host.info': async () => {
      const [facts, capabilities] = await Promise.all([
        hostFacts(rooms.paths.home),
        Promise.all(rooms.drivers.map((driver) => driver.capabilities())),
      ]);
      return {
        ...facts,
        home: rooms.paths.home,
        version: VERSION,
        privilege: await rooms.house.privilege(),
        capabilities: capabilities.flat(),
        costs: rooms.costs.list(),
      };
    },
    'host.doctor': ({ fresh }) => doctor(rooms, fresh ?? false),
    'host.freePorts': async ({ wanted }) => {
      const taken = new Set(guests.list().flatMap((guest) => guest.ports.map((port) => port.hostPort)));
      const chosen: number[] = [];
      for (const port of wanted) {
        const free = await freePort('127.0.0.1', port, taken);
        if (free === null) throw new GuesthouseError({ code: 'resources', message: 'No free port was found.' });
        taken.add(free);
        chosen.push(free);
      }
      return chosen;
    },
    'host.browse': ({ path }) => browse(path),
  };
}

/** Looks at every change rather than every so often: a script that waits loses no time. */
function wait({ guests, feed }: Rooms, ref: string, states: readonly string[], timeoutMs: number): Promise<Guest> {
  const { id, name } = guests.inspect(ref);
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      stop();
      finish();
    };
    const look = (guest: Guest | undefined) => {
      if (guest?.id === id && states.includes(guest.state)) end(() => resolve(guest));
    };
    const fail = (code: 'timeout' | 'not-found', message: string) =>
      end(() => reject(new GuesthouseError({ code, message, subject: name })));
    const timer = setTimeout(
      () => fail('timeout', `${name} is not ${states.join(' or ')} after ${timeoutMs / 1000} s.`),
      timeoutMs,
    );
    let stop = () => {};
    stop = feed.subscribe((event) => {
      if (event.type === 'guest') look(event.guest);
      if (event.type === 'guest-removed' && event.id === id) fail('not-found', `${name} was removed meanwhile.`);
    });
    look(guests.inspect(id));
  });
}
