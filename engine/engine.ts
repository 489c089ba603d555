/** The engine of one home, put together: what `index.ts` opens. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCalls } from './api/calls.ts';
import { incomingFolder } from './api/receive.ts';
import { openStream, type StreamSink, type StreamSource } from './api/streams.ts';
import type {
  CallArgs,
  CallName,
  CallResult,
  EngineStreams,
  EngineTopics,
  StreamKind,
  TopicName,
} from './contract/api.ts';
import type { Asker } from './contract/operation.ts';
import type { DriverContext } from './drivers/driver.ts';
import { createDrivers } from './drivers/drivers.ts';
import { openEventLog } from './events/event-log.ts';
import { createNetworkEvents } from './events/network-events.ts';
import { recordOperation } from './events/operation-events.ts';
import { Feed } from './feed.ts';
import { askedBy } from './guests/asking.ts';
import { Costs } from './guests/costs.ts';
import type { Entry } from './guests/entry.ts';
import { workFolder } from './guests/file/work-folder.ts';
import { Guests } from './guests/guests.ts';
import { createObserver } from './guests/observe.ts';
import { Operations } from './guests/operations.ts';
import { recover, reopenPorts } from './guests/recover.ts';
import { keepSchedules } from './guests/snapshots/schedules.ts';
import { createTemplates } from './guests/templates.ts';
import { createUsers } from './guests/users.ts';
import { privateFolder, removeTemporaries } from './host/files.ts';
import { type Lock, tryLock } from './host/lock.ts';
import { createLog } from './host/log.ts';
import type { Paths } from './host/paths.ts';
import { explainRefusal } from './host/refused.ts';
import { explainSpace } from './host/space.ts';
import { createImageStore } from './images/create.ts';
import { createInside } from './images/inside.ts';
import { createMetrics } from './metrics/index.ts';
import { createHouse } from './networks/create.ts';
import { createNetworks } from './networks/networks.ts';
import { createConsoles, guestOfSession } from './streams/consoles.ts';
import { createSessions } from './streams/sessions.ts';
import { createVolumes } from './volumes/create.ts';

/** What is going on when the engine is let go of may take this long to end (ms); a polite stop takes ten seconds. */
const DRAIN_MS = 20_000;
/** What any call may do that says nothing better of itself. */
const WRITING = 'keeping what changed';
const BY_ENGINE: Asker = { by: 'engine' };

export interface EngineOptions {
  readonly paths: Paths;
  /** Measure every second and keep history, as an open window wants; a short command does without. */
  readonly background: boolean;
  /** A container is about to be started, in a network or not: what that needs is made while the rest is loaded. */
  readonly soon?: { readonly network: boolean } | undefined;
}

export interface Engine {
  /** `asker`: left out where the engine's own process asks. */
  call<N extends CallName>(name: N, args: CallArgs<N>, asker?: Asker): Promise<CallResult<N>>;
  subscribe<T extends TopicName>(
    topic: T,
    args: EngineTopics[T]['args'],
    onEvent: (event: EngineTopics[T]['event']) => void,
  ): () => void;
  open<K extends StreamKind>(
    kind: K,
    args: EngineStreams[K]['args'],
    sink: StreamSink,
    asker?: Asker,
  ): Promise<StreamSource<K>>;
  /** Names of guests that need an engine to be there: for their restart policy, their health check, or to go. */
  kept(): readonly string[];
  /** Lets go of every guest without ending any, and of the home. */
  close(): Promise<void>;
}

/** Opens the engine of a home, or answers null when another process owns it. */
export async function openEngine({ paths, background, soon }: EngineOptions): Promise<Engine | null> {
  const lock = tryLock(paths.lockDb);
  if (!lock) return null;
  try {
    return await assemble(paths, background, soon, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function assemble(paths: Paths, background: boolean, soon: EngineOptions['soon'], lock: Lock): Promise<Engine> {
  await Promise.all([paths.guests, paths.images, paths.cache].map(privateFolder));
  const log = createLog(paths.log);
  const networks = createNetworks({ paths, log });
  const house = createHouse({ paths, log, networks });
  const images = createImageStore({ paths, log, house });
  const volumes = createVolumes({ paths, log, inside: createInside(house) });
  const costs = new Costs(join(paths.cache, 'costs.json'));
  const feed = new Feed(() => ({
    guests: guests.list(),
    images: images.list(),
    operations: operations.list(),
    consoles: sessions.list(),
    volumes: volumes.list(),
    networks: networks.list(),
  }));
  const events = openEventLog(join(paths.home, 'events.jsonl'), log);
  const operations = new Operations(paths.home, log, (operation) => {
    recordOperation(operation, events.record);
    feed.publish({ type: 'operation', operation });
  });
  const sessions = createSessions({
    onChange: (session) => feed.publish({ type: 'console', session }),
    onRemoved: (id) => feed.publish({ type: 'console-removed', id }),
  });
  images.onChange = (change) =>
    feed.publish(
      'image' in change ? { type: 'image', image: change.image } : { type: 'image-removed', id: change.removed },
    );

  volumes.onChange = (change) =>
    feed.publish(
      'volume' in change ? { type: 'volume', volume: change.volume } : { type: 'volume-removed', id: change.removed },
    );

  volumes.onEvent = (action, { id, name }) => events.record({ type: 'volume', action, id, name });

  networks.onChange = (change) => {
    if ('network' in change) return void feed.publish({ type: 'network', network: change.network });
    feed.publish({ type: 'network-removed', id: change.removed });
    return house.dropNetwork(change.index).catch((error) => log.warn('house: a network stayed', { error }));
  };

  const context: DriverContext = {
    paths,
    log,
    house,
    images,
    volumes,
    nameOf: (id) => (guests.has(id) ? guests.entry(id).manifest.spec.name : undefined),
    onExited: (id, exit, startedAt) =>
      guests.exited(id, exit, startedAt).catch((error) => log.error('an exit was not recorded', { id, error })),
    onPaused: (id, paused, why) => guests.pausedByItself(id, paused, why),
    onNote: (id, note) => guests.note(id, note),
  };
  const drivers = createDrivers(context);
  const driverFor = drivers.for;
  if (soon) {
    drivers.warm();
    // Whoever needs it is told why it failed.
    (soon.network ? house.network() : house.ensure()).catch(() => {});
  }

  const metrics = createMetrics({
    paths,
    log,
    traffic: () => house.traffic(),
    targets: () => [...guests.entries()].filter((entry) => entry.running).map(target),
  });
  const consoles = createConsoles(sessions, log, background);
  const owner = ({ manifest, driver }: Entry) => ({ id: manifest.id, endpoints: () => driver.endpoints(manifest) });
  const guests: Guests = new Guests({
    paths,
    log,
    images,
    volumes,
    operations,
    costs,
    house,
    networks,
    background,
    record: events.record,
    driverFor,
    onChange: (guest) => {
      users.changed(guest.id);
      feed.publish({ type: 'guest', guest });
    },
    onRemoved: (id) => {
      sessions.forgetGuest(id);
      users.tell();
      feed.publish({ type: 'guest-removed', id });
    },
    onForgotten: (id) => {
      metrics.forget(id);
      costs.forget(id);
      users.tell();
    },
    onUp: (entry) => consoles.started(owner(entry)),
  });
  const users = createUsers(guests, { images, volumes, networks });

  await Promise.all([
    ...[workFolder(paths.home), incomingFolder(paths.home)].map((left) => rm(left, { recursive: true, force: true })),
    removeTemporaries(paths.cache),
  ]);
  await Promise.all([images.load(), volumes.load(), networks.load(), costs.load()]);
  const tellNetworks = createNetworkEvents(events.record, networks.list());
  feed.subscribe((event) => event.type !== 'snapshot' && tellNetworks(event));
  const unreadable = await recover(guests, {
    paths,
    log,
    driverFor,
    onUp: (entry) => consoles.met(owner(entry)),
    record: events.record,
  });
  users.tell();
  // What belongs to a guest whose record cannot be read stays as well.
  const ours = [...guests.entries(), ...guests.trash.entries()].map(({ manifest }) => manifest.id);
  const known = [...ours, ...unreadable.map(({ id }) => id)];
  await volumes.sweep(new Set(known)).catch((error) => log.warn('volumes could not be swept', { error }));
  guests.trash.begin(background);
  if (background) {
    metrics.start();
    metrics.subscribe(createObserver(guests, costs, paths));
    void reopenPorts(guests, house, log);
  }
  const schedules = background
    ? keepSchedules(
        () => guests.rooms(),
        () => guests.entries(),
      )
    : null;

  const calls = createCalls({
    paths,
    templates: createTemplates(join(paths.home, 'templates'), log),
    feed,
    house,
    images,
    volumes,
    networks,
    guests,
    operations,
    sessions,
    consoles,
    metrics,
    costs,
    events,
    drivers,
    unreadable,
  });
  return {
    async call(name, args, asker = BY_ENGINE) {
      try {
        const answer = calls[name] as (args: CallArgs<typeof name>) => Promise<CallResult<typeof name>>;
        return await askedBy(asker, () => answer(args), { name, args });
      } catch (error) {
        throw explainRefusal(explainSpace(error, paths.home, WRITING), paths.home, WRITING);
      }
    },
    subscribe: (topic, _args, onEvent) => {
      if (topic === 'state') return feed.subscribe(onEvent as never);
      if (topic === 'samples') return metrics.subscribe(onEvent as never);
      return events.subscribe(onEvent as never);
    },
    async open(kind, args, sink, asker = BY_ENGINE) {
      if (kind === 'console') {
        const { guest, session } = args as EngineStreams['console']['args'];
        if (session !== undefined) await consoles.ready(guestOfSession(session));
        else if (guest !== undefined) await consoles.ready(guests.entry(guest).manifest.id);
      }
      return askedBy(asker, () => openStream(kind, args, sink, { paths, images, guests, operations, sessions }));
    },
    kept: () => guests.kept(),
    async close() {
      await Promise.all([schedules?.close(), guests.rest()]);
      await operations.drain(DRAIN_MS);
      await guests.settled();
      sessions.close();
      await metrics.close();
      await costs.flush();
      await drivers.close();
      // With the last guest gone the house has no purpose: no process or mount of ours is left on the host.
      // A guest whose record cannot be read may live in it all the same.
      const inUse = unreadable.length > 0 || [...guests.entries()].some(({ running }) => running);
      await (inUse ? house.close() : house.demolish()).catch((error) => log.error('the house was not left', { error }));
      lock.release();
    },
  };
}

function target({ manifest, driver, running }: Entry) {
  return {
    id: manifest.id,
    cpus: manifest.spec.cpus,
    memoryLimitBytes: running?.memoryBounded ? manifest.spec.memoryMib * 1024 * 1024 : null,
    read: () => driver.counters(manifest),
  };
}
