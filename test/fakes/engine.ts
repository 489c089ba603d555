/**
 * A scripted engine behind the real server and wire: no guest runs, but every call changes what the window is told, with
 * the delays a person would see. Run by hand: `node test/fakes/engine.ts [--port N] [--guests N] [--empty]`.
 * For tests: `startFakeEngine()`, then `fake.say(event)` for whatever the window must survive.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type CallName,
  type ErrorShape,
  type Guest,
  GuesthouseError,
  type GuestState,
  type Image,
  type Operation,
  type OperationVerb,
  type SampleFrame,
  type StateEvent,
} from '../../engine/contract/index.ts';
import type { Engine } from '../../engine/index.ts';
import { serveClient } from '../../main/bridge.ts';
import { type Served, serve } from '../../main/server/serve.ts';
import { hexId, makeGuest, makeGuests, makeImages } from './engine-data.ts';
import { fakeFindings, fakeHost } from './engine-host.ts';

export interface FakeOptions {
  readonly port?: number;
  readonly guests?: number;
  /** How long starting, stopping and building take (ms). */
  readonly actMs?: number;
}

export interface FakeEngine {
  readonly url: string;
  readonly guests: Map<string, Guest>;
  readonly images: Map<string, Image>;
  /** Sends an event as it is; `revision` is filled in unless given. */
  say(event: Record<string, unknown>): void;
  /** The next call of this name fails so. */
  failNext(name: CallName, error: ErrorShape): void;
  /** Cuts every link, as a crash would. */
  cut(): void;
  close(): Promise<void>;
}

type Call = (args: never) => unknown;

export async function startFakeEngine(options: FakeOptions = {}): Promise<FakeEngine> {
  const now = Date.now();
  const actMs = options.actMs ?? 900;
  const guests = new Map(makeGuests(options.guests ?? 12, now).map((guest) => [guest.id, guest]));
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
  const check = ({
    draft,
  }: {
    draft: { name: string; image?: string | null; iso?: string | null; memoryMib?: number };
  }) => {
    const problems: { field: string; error: ErrorShape }[] = [];
    const wrong = (field: string, message: string, hint: string) =>
      problems.push({ field, error: { code: 'invalid', message, subject: field, hint } });
    if (!/^[a-z0-9][\w.-]{0,62}$/i.test(draft.name))
      wrong(
        'name',
        'A name has 1 to 63 letters, digits, dots, dashes or underscores.',
        'It starts with a letter or digit.',
      );
    else if ([...guests.values()].some(({ name }) => name === draft.name))
      wrong('name', `There is a guest named ${draft.name} already.`, 'Choose another name.');
    if (!draft.image && !draft.iso) wrong('image', 'Nothing to make it from.', 'Choose an image or an ISO.');
    if ((draft.memoryMib ?? 0) > fakeHost().memoryMib)
      wrong('memoryMib', 'That is more memory than this host has.', 'Ask for less.');
    return {
      problems,
      spec:
        problems.length > 0
          ? null
          : { diskGib: null, ports: [], mounts: [], env: {}, command: null, network: 'nat', iso: null, ...draft },
    };
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
    'guests.check': check,
    'guests.create': async ({ draft }: { draft: Guest['spec'] }) => {
      const { problems } = check({ draft });
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
      say({ type: 'guest-removed', id: guest.id });
      return null;
    },
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
    'metrics.now': () => frame(),
    'metrics.history': ({ id, rangeSeconds, points }: { id: string; rangeSeconds: number; points: number }) =>
      history(id, rangeSeconds, points),
    'host.info': () => fakeHost(),
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

  const level = (n: number, t: number) =>
    Math.max(
      0,
      Math.min(
        100,
        ((n * 37) % 60) +
          12 * Math.sin(t / 7 + n) +
          8 * Math.sin(t / 3 + 2 * n) +
          (n % 3 === 2 ? 40 * Math.exp(-(((t % 60) - 30 - n) ** 2) / 40) : 0),
      ),
    );
  const frame = (): SampleFrame => {
    const at = Date.now();
    const samples = [...guests.values()]
      .filter(({ state }) => state === 'running' || state === 'paused')
      .map((guest) => {
        const n = Number.parseInt(guest.id, 16);
        const limit = guest.spec.memoryMib * 1024 ** 2;
        const cpuPercent = guest.state === 'paused' ? 0 : level(n, at / 1000);
        return {
          id: guest.id,
          cpuPercent,
          memoryBytes: limit * Math.min(1, 0.3 + ((n * 13) % 60) / 100 + 0.01 * Math.sin(at / 9000)),
          memoryLimitBytes: limit,
          diskReadBps: cpuPercent * 9000,
          diskWriteBps: cpuPercent * 21_000,
          netInBps: cpuPercent * 7000,
          netOutBps: cpuPercent * 31_000,
        };
      });
    const host = {
      id: 'host',
      cpuPercent: 62 + 6 * Math.sin(at / 5000),
      memoryBytes: 21.4 * 1024 ** 3,
      memoryLimitBytes: 31.2 * 1024 ** 3,
      diskReadBps: 0,
      diskWriteBps: 0,
      netInBps: 0,
      netOutBps: 0,
    };
    return { at, samples: [...samples, host], costPercent: 0.4 };
  };
  const history = (id: string, rangeSeconds: number, points: number) => {
    const count = Math.min(points, rangeSeconds);
    const stepMs = (rangeSeconds * 1000) / count;
    const times = Array.from({ length: count }, (_, i) => Date.now() - (count - i) * stepMs);
    const n = id === 'host' ? 1 : Number.parseInt(id, 16);
    const of = (factor: number) => times.map((at) => level(n, at / 1000) * factor);
    const series = {
      cpu: of(1),
      memory: of(4e6),
      diskRead: of(9000),
      diskWrite: of(21_000),
      netIn: of(7000),
      netOut: of(31_000),
    };
    return {
      id,
      stepMs,
      times,
      average: series,
      peak: series,
      memoryLimitBytes: (guests.get(id)?.spec.memoryMib ?? 32_000) * 1024 ** 2,
    };
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
      onEvent({
        type: 'snapshot',
        revision,
        guests: [...guests.values()],
        images: [...images.values()],
        operations: [...operations.values()],
        consoles: [],
      } as never);
      listeners.add(onEvent as never);
      return () => listeners.delete(onEvent as never);
    },
    open: async () => {
      throw new GuesthouseError({ code: 'unsupported', message: 'Guests of the fake engine have no console.' });
    },
    close: async () => {},
  } as unknown as Engine;

  const ticker = setInterval(() => {
    const next = frame();
    for (const watcher of watchers) watcher(next);
  }, 1000);
  const carriers = new Set<{ close(): void }>();
  const served: Served = await serve({
    accept: (carrier) => {
      carriers.add(carrier);
      const end = serveClient(engine, carrier);
      ends.add(end);
      return end;
    },
    home: mkdtempSync(join(tmpdir(), 'gh-fake-')),
    port: options.port ?? 0,
  });

  return {
    url: served.url,
    guests,
    images,
    say,
    failNext: (name, error) => failures.set(name, error),
    cut: () => {
      for (const carrier of carriers) carrier.close();
      carriers.clear();
    },
    close: async () => {
      clearInterval(ticker);
      await served.close();
    },
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, guests: { type: 'string' }, empty: { type: 'boolean' } },
  });
  const fake = await startFakeEngine({
    port: Number(values.port ?? 0),
    guests: values.empty ? 0 : Number(values.guests ?? 12),
  });
  console.log(JSON.stringify({ url: fake.url }));
}
