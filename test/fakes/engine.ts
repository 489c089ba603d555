/**
 * A scripted engine behind the real server and wire: no guest runs, but every call changes what the window is told, with
 * the delays a person would see. Run by hand: `node test/fakes/engine.ts [--port N] [--guests N] [--empty] [--bench]`.
 * For tests: `startFakeEngine()`, then `fake.say(event)` for whatever the window must survive.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type CallName,
  type ErrorShape,
  type EventQuery,
  type Guest,
  GuesthouseError,
  type GuestState,
  type History,
  type HistoryQuery,
  type Image,
  type Operation,
  type OperationVerb,
  type RankingQuery,
  type SampleFrame,
  type StateEvent,
} from '../../engine/contract/index.ts';
import type { Engine } from '../../engine/index.ts';
import { serveClient } from '../../main/bridge.ts';
import { type Served, serve } from '../../main/server/serve.ts';
import { checkDraft } from './engine-check.ts';
import { fakeConsoles } from './engine-consoles.ts';
import { fakeEvents, hexId, makeGuest, makeGuests, makeImages } from './engine-data.ts';
import { fakeDevices, fakeDisks, fakeDiskUse, fakeFindings, fakeHost } from './engine-host.ts';
import { fakeFrame, fakeHistory, fakeRanking } from './engine-samples.ts';
import { fakeCosts, makeNetworks, makeTrash, makeVolumes } from './engine-stores.ts';

export interface FakeOptions {
  readonly port?: number;
  readonly guests?: number;
  /** How long starting, stopping and building take (ms). */
  readonly actMs?: number;
  /** Every guest runs, and figures are sent by `tick` alone: for measuring. */
  readonly bench?: boolean;
  /** What time its guests were made by (ms since the epoch); left out: now. With it no figures are sent. */
  readonly now?: number;
  /** Where the past of guests comes from; left out: made up. */
  readonly history?: (query: HistoryQuery) => History;
  /** Further calls by name. */
  readonly calls?: Readonly<Record<string, Call>>;
}

export interface FakeEngine {
  readonly url: string;
  readonly guests: Map<string, Guest>;
  readonly images: Map<string, Image>;
  /** Sends an event as it is; `revision` is filled in unless given. */
  say(event: Record<string, unknown>): void;
  /** Sends one frame of figures. */
  tick(): void;
  /** The next call of this name fails so. */
  failNext(name: CallName, error: ErrorShape): void;
  /** Cuts every link, as a crash would. */
  cut(): void;
  close(): Promise<void>;
}

type Call = (args: never) => unknown;

export async function startFakeEngine(options: FakeOptions = {}): Promise<FakeEngine> {
  const now = options.now ?? Date.now();
  const actMs = options.actMs ?? 900;
  const made = makeGuests(options.guests ?? 12, now).map((guest) =>
    options.bench ? { ...guest, state: 'running' as const, startedAt: now, exit: null, failure: null } : guest,
  );
  const guests = new Map(made.map((guest) => [guest.id, guest]));
  const images = new Map((options.guests === 0 ? [] : makeImages(now)).map((image) => [image.id, image]));
  const operations = new Map<string, Operation>();
  const cancels = new Map<string, () => void>();
  const failures = new Map<string, ErrorShape>();
  const listeners = new Set<(event: StateEvent) => void>();
  const watchers = new Set<(frame: SampleFrame) => void>();
  const ends = new Set<() => void>();
  let revision = 1;
  let counter = guests.size + 100;

  const say = (event: Record<string, unknown>) => {
    const full = { revision: ++revision, ...event } as unknown as StateEvent;
    for (const listener of listeners) listener(full);
  };
  const put = (guest: Guest) => {
    guests.set(guest.id, guest);
    say({ type: 'guest', guest });
    return guest;
  };
  const find = (name: string): Guest => {
    const guest = guests.get(name) ?? [...guests.values()].find((it) => it.name === name);
    if (!guest)
      throw new GuesthouseError({ code: 'not-found', message: `There is no guest named ${name}.`, subject: name });
    return guest;
  };
  const isEmpty = options.guests === 0;
  const networks = isEmpty ? [] : makeNetworks(made, now);
  const volumes = isEmpty ? [] : makeVolumes(now);
  const trash = makeTrash(now, isEmpty, put);
  /** The time figures are of. */
  const clock = () => options.now ?? Date.now();
  const setOperation = (operation: Operation) => {
    operations.set(operation.id, operation);
    say({ type: 'operation', operation });
  };

  /** An operation of `actMs` with progress, cancellable, ending as told. */
  const operate = async (
    verb: OperationVerb,
    targetId: string | null,
    target: string,
    totalBytes: number | null,
    durationMs = actMs,
  ) => {
    const id = hexId(counter++);
    const base: Operation = {
      id,
      verb,
      targetId,
      target,
      state: 'running',
      progress: null,
      cancellable: true,
      startedAt: Date.now(),
      endedAt: null,
      error: null,
    };
    setOperation(base);
    let cancelled = false;
    cancels.set(id, () => {
      cancelled = true;
    });
    const STEPS = 10;
    for (let step = 1; step <= STEPS && !cancelled; step++) {
      await new Promise((resolve) => setTimeout(resolve, durationMs / STEPS));
      const bytes = totalBytes === null ? {} : { bytesDone: (totalBytes * step) / STEPS, bytesTotal: totalBytes };
      if (totalBytes !== null)
        setOperation({ ...base, progress: { step: 'Unpacking packages', fraction: step / STEPS, ...bytes } });
    }
    const failure = failures.get(`operation ${verb}`);
    failures.delete(`operation ${verb}`);
    const state = cancelled ? 'cancelled' : failure ? 'failed' : 'done';
    setOperation({ ...base, state, endedAt: Date.now(), error: failure ?? null });
    if (cancelled) throw new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' });
    if (failure) throw new GuesthouseError(failure);
  };
  const turn = (verb: OperationVerb, through: GuestState, to: GuestState) => async (args: { guest: string }) => {
    const guest = find(args.guest);
    put({ ...guest, state: through });
    try {
      await operate(verb, guest.id, guest.name, null);
    } catch (error) {
      put(guest);
      throw error;
    }
    const running = to === 'running';
    return put({
      ...guest,
      state: to,
      failure: null,
      startedAt: running ? Date.now() : guest.startedAt,
      exit: to === 'stopped' ? { code: 0, signal: null, outOfMemory: false, at: Date.now() } : null,
    });
  };
  const makeImage = async (verb: OperationVerb, name: string, bytes: number) => {
    await operate(verb, null, name, bytes, actMs * 4);
    const [first] = makeImages(Date.now());
    const image = {
      ...(first as Image),
      id: `sha256:${hexId(counter++).repeat(6).slice(0, 64)}`,
      name,
      sizeBytes: bytes,
      usedBy: [],
      createdAt: Date.now(),
    };
    images.set(image.id, image);
    say({ type: 'image', image });
    return image;
  };

  const calls: Record<string, Call> = {
    'guests.list': () => [...guests.values()],
    'guests.inspect': ({ guest }: { guest: string }) => find(guest),
    'guests.check': ({ draft }: { draft: Guest['spec'] }) => checkDraft(guests, draft),
    'guests.create': async ({ draft }: { draft: Guest['spec'] }) => {
      const { problems } = checkDraft(guests, draft);
      if (problems[0]) throw new GuesthouseError(problems[0].error);
      const n = counter++;
      await operate('create', hexId(n + 1), draft.name, null, actMs / 3);
      return put({
        ...makeGuest(
          { name: draft.name, isolation: draft.isolation, state: 'stopped', image: draft.image },
          n,
          Date.now(),
        ),
        exit: null,
        createdAt: Date.now(),
        address: '10.99.1.7',
      });
    },
    'guests.start': turn('start', 'starting', 'running'),
    'guests.stop': turn('stop', 'stopping', 'stopped'),
    'guests.kill': turn('kill', 'stopping', 'stopped'),
    'guests.restart': turn('restart', 'stopping', 'running'),
    'guests.pause': turn('pause', 'running', 'paused'),
    'guests.resume': turn('resume', 'paused', 'running'),
    'guests.remove': async ({ guest: name }: { guest: string }) => {
      const guest = find(name);
      put({ ...guest, state: 'deleting' });
      await operate('remove', guest.id, guest.name, null, actMs / 3);
      guests.delete(guest.id);
      trash.add(guest);
      say({ type: 'guest-removed', id: guest.id });
      return { kept: true };
    },
    ...trash.calls,
    'images.list': () => [...images.values()],
    'images.build': ({ builder }: { builder: string }) =>
      makeImage('build-image', builder === 'busybox' ? 'busybox:latest' : builder, 151 * 1024 ** 2),
    'images.import': ({ path }: { path: string }) =>
      makeImage('import-image', path.split('/').at(-1) ?? path, 239 * 1024 ** 2),
    'images.remove': ({ image }: { image: string }) => {
      images.delete(image);
      say({ type: 'image-removed', id: image });
      return null;
    },
    'operations.list': () => [...operations.values()],
    'operations.cancel': ({ operation }: { operation: string }) => {
      cancels.get(operation)?.();
      return null;
    },
    'consoles.list': () => [],
    'events.list': ({ guest, last }: EventQuery) => fakeEvents(guests.values(), guest).slice(-(last ?? 1000)),
    'networks.list': () => networks,
    'volumes.list': () => volumes,
    'volumes.inspect': ({ volume }: { volume: string }) => volumes.find(({ id }) => id === volume) ?? null,
    'guests.costs': () => fakeCosts(guests.values()),
    'metrics.now': () => fakeFrame(guests),
    'metrics.ranking': (query: RankingQuery) => fakeRanking(guests, query, clock()),
    'metrics.history': options.history ?? ((query: HistoryQuery) => fakeHistory(guests, { until: clock(), ...query })),
    ...options.calls,
    'host.info': () => fakeHost(),
    'host.disks': () => fakeDisks(),
    'host.devices': () => fakeDevices(),
    'host.diskUse': () => ({ ...fakeDiskUse(guests.values()), trash: trash.bytes() }),
    'host.doctor': async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return fakeFindings();
    },
    'host.freePorts': ({ wanted }: { wanted: number[] }) => wanted,
    'host.browse': ({ path }: { path: string }) => ({
      path: path || '/home/lena',
      parent: '/',
      entries: [
        { name: 'Downloads', directory: true, sizeBytes: 0 },
        { name: 'shop.tar', directory: false, sizeBytes: 239 * 1024 ** 2 },
        { name: 'mini.iso', directory: false, sizeBytes: 64 * 1024 ** 2 },
      ],
    }),
  };

  const engine = {
    call: async (name: CallName, args: never) => {
      const failure = failures.get(name);
      if (failures.delete(name) && failure) throw new GuesthouseError(failure);
      const call = calls[name];
      if (!call)
        throw new GuesthouseError({ code: 'unsupported', message: 'The fake engine does not do this.', subject: name });
      return call(args);
    },
    subscribe: (topic: string, _args: unknown, onEvent: (event: never) => void) => {
      if (topic === 'samples') {
        watchers.add(onEvent as never);
        return () => watchers.delete(onEvent as never);
      }
      if (topic === 'events') return () => {};
      onEvent({
        type: 'snapshot',
        revision,
        guests: [...guests.values()],
        images: [...images.values()],
        operations: [...operations.values()],
        consoles: [],
        volumes,
        networks,
      } as never);
      listeners.add(onEvent as never);
      return () => listeners.delete(onEvent as never);
    },
    open: fakeConsoles(now, find),
    close: async () => {},
  } as unknown as Engine;

  const tick = () => {
    const next = fakeFrame(guests);
    for (const watcher of watchers) watcher(next);
  };
  const ticker = options.bench || options.now !== undefined ? undefined : setInterval(tick, 1000);
  const carriers = new Set<{ close(): void }>();
  const home = mkdtempSync(join(tmpdir(), 'gh-fake-'));
  const served: Served = await serve({
    accept: (carrier) => {
      carriers.add(carrier);
      const end = serveClient(engine, carrier);
      ends.add(end);
      return end;
    },
    home,
    port: options.port ?? 0,
  });

  return {
    url: served.url,
    guests,
    images,
    say,
    tick,
    failNext: (name, error) => failures.set(name, error),
    cut: () => {
      for (const carrier of carriers) carrier.close();
      carriers.clear();
    },
    close: async () => {
      clearInterval(ticker);
      await served.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

if (import.meta.main) {
  const [string, boolean] = [{ type: 'string' }, { type: 'boolean' }] as const;
  const { values } = parseArgs({ options: { port: string, guests: string, empty: boolean, bench: boolean } });
  const fake = await startFakeEngine({
    port: Number(values.port ?? 0),
    guests: values.empty ? 0 : Number(values.guests ?? 12),
    bench: values.bench ?? false,
  });
  process.once('SIGTERM', () => void fake.close().then(() => process.exit()));
  console.log(JSON.stringify({ url: fake.url }));
}
