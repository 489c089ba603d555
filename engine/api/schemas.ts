/**
 * The edge: every argument that comes from outside is looked at here, once, before anything else sees it. Shapes only;
 * what is possible is for the engine to say. Unknown fields are refused, so a typing mistake is not silently ignored.
 */
import { z } from 'zod';
import type { CallArgs, CallName, EngineStreams, StreamKind } from '../contract/api.ts';
import { GuesthouseError } from '../contract/errors.ts';
import { SERIES } from '../contract/metrics.ts';
import { change, draft, labels, ref, text } from './draft-schema.ts';

const guestRef = { guest: ref };
const snapshot = { ...guestRef, snapshot: ref };
const graceMs = z.number().int().min(0).max(3_600_000).optional();
const none = z.strictObject({});
const dryRun = z.strictObject({ dryRun: z.boolean().optional() });
const pruning = z.strictObject({ dryRun: z.boolean().optional(), keepNamed: z.boolean().optional() });
/** Milliseconds since the epoch. */
const moment = z.number().min(0).max(8_640_000_000_000_000);
const path = text.min(1);
/** Of a terminal. */
const size = {
  columns: z.number().int().min(1).max(1000).optional(),
  rows: z.number().int().min(1).max(1000).optional(),
};

const composeWish = {
  file: z.union([z.strictObject({ path }), z.strictObject({ text: z.string().max(1024 * 1024), name: text.min(1) })]),
  project: text.optional(),
  profiles: z.array(text).max(256).optional(),
};

const calls: { [N in CallName]: z.ZodType } = {
  'guests.list': none,
  'guests.inspect': z.strictObject(guestRef),
  'guests.check': z.strictObject({ draft }),
  'guests.create': z.strictObject({ draft }),
  'guests.start': z.strictObject(guestRef),
  'guests.stop': z.strictObject({ ...guestRef, graceMs }),
  'guests.kill': z.strictObject(guestRef),
  'guests.restart': z.strictObject({ ...guestRef, graceMs }),
  'guests.pause': z.strictObject(guestRef),
  'guests.resume': z.strictObject(guestRef),
  'guests.remove': z.strictObject({ ...guestRef, force: z.boolean().optional(), keep: z.boolean().optional() }),
  'guests.wait': z.strictObject({
    ...guestRef,
    states: z.array(text).min(1).max(8),
    timeoutMs: z.number().int().min(0).max(3_600_000),
  }),
  'guests.signal': z.strictObject({ ...guestRef, signal: text }),
  'guests.sendKeys': z.strictObject({
    ...guestRef,
    keys: z.array(text).max(1000).optional(),
    text: text.optional(),
  }),
  'guests.planChange': z.strictObject({ ...guestRef, change }),
  'guests.update': z.strictObject({ ...guestRef, change, recreate: z.boolean().optional() }),
  'guests.rename': z.strictObject({ ...guestRef, name: text }),
  'guests.clone': z.strictObject({ ...guestRef, name: text, kind: z.enum(['full', 'linked']).optional() }),
  'guests.planClone': z.strictObject(guestRef),
  'guests.export': z.strictObject({ ...guestRef, path, format: z.enum(['guesthouse', 'ova', 'qcow2']).optional() }),
  'guests.import': z.strictObject({ path, name: text.optional() }),
  'guests.planImport': z.strictObject({ path, name: text.optional() }),
  'guests.find': none,
  'guests.costs': none,
  'guests.importFound': z.strictObject({ ref, name: text.optional() }),
  'guests.top': z.strictObject(guestRef),
  'guests.inside': z.strictObject(guestRef),
  'guests.monitor': z.strictObject({ ...guestRef, line: text }),
  'guests.diff': z.strictObject(guestRef),
  'guests.suspend': z.strictObject(guestRef),
  'snapshots.list': z.strictObject(guestRef),
  'snapshots.take': z.strictObject({
    ...guestRef,
    name: text.optional(),
    description: text.optional(),
    memory: z.boolean().optional(),
  }),
  'snapshots.change': z.strictObject({ ...snapshot, name: text.optional(), description: text.optional() }),
  'snapshots.restore': z.strictObject({
    ...snapshot,
    memory: z.boolean().optional(),
    start: z.boolean().optional(),
  }),
  'snapshots.remove': z.strictObject(snapshot),
  'snapshots.branch': z.strictObject({ ...snapshot, name: text }),
  'snapshots.schedule': z.strictObject({
    ...guestRef,
    schedule: z
      .strictObject({
        everyMs: z.number().int().min(60_000).max(31_622_400_000),
        keep: z.number().int().min(1).max(1000),
        memory: z.boolean(),
      })
      .nullable(),
  }),
  'disks.list': z.strictObject(guestRef),
  'disks.compact': z.strictObject({ ...guestRef, disk: text }),
  'disks.check': z.strictObject({ ...guestRef, disk: text, repair: z.boolean().optional() }),

  'rescue.open': z.strictObject({ ...guestRef, write: z.boolean().optional(), root: text.optional() }),
  'rescue.unlock': z.strictObject({ ...guestRef, device: text, passphrase: z.string().min(1).max(1024) }),
  'rescue.close': z.strictObject(guestRef),
  'rescue.shell': z.strictObject({ ...guestRef, ...size }),
  'rescue.users': z.strictObject(guestRef),
  'rescue.setPassword': z.strictObject({ ...guestRef, user: text, password: z.string().min(1).max(1024) }),
  'rescue.addKey': z.strictObject({ ...guestRef, user: text, key: z.string().min(1).max(65_536) }),
  'rescue.logs': z.strictObject(guestRef),
  'rescue.log': z.strictObject({ ...guestRef, name: path, lines: z.number().int().min(1).max(100_000).optional() }),
  'files.list': z.strictObject({ ...guestRef, path }),
  'files.makeFolder': z.strictObject({ ...guestRef, path }),
  'files.rename': z.strictObject({ ...guestRef, path, to: path }),
  'files.remove': z.strictObject({ ...guestRef, path }),
  'images.list': none,
  'images.build': z.strictObject({ builder: z.enum(['busybox', 'debian:12']) }),
  'images.import': z.strictObject({ path: text.min(1), name: text.optional() }),
  'images.tags': z.strictObject({ repository: text.min(1), insecure: z.boolean().optional() }),
  'images.catalogue': z.strictObject({}),
  'images.fetch': z.strictObject({ name: text.min(1) }),
  'images.setMirror': z.strictObject({ vendor: text.min(1), address: text.min(1).nullable() }),
  'images.pull': z.strictObject({
    reference: text.min(1),
    insecure: z.boolean().optional(),
    registry: text.optional(),
  }),
  'images.remove': z.strictObject({ image: ref }),
  'images.tag': z.strictObject({ image: ref, name: text }),
  'images.save': z.strictObject({
    images: z.array(ref).min(1).max(100),
    path,
    format: z.enum(['docker', 'oci']).optional(),
  }),
  'images.commit': z.strictObject({
    ...guestRef,
    name: text,
    pause: z.boolean().optional(),
    command: z.array(z.string().max(131_072)).max(4096).optional(),
    comment: text.optional(),
  }),
  'images.buildContainer': z.strictObject({
    context: path,
    containerfile: path.optional(),
    name: text,
    buildArgs: z.record(text, z.string().max(131_072)).optional(),
    target: text.optional(),
    noCache: z.boolean().optional(),
  }),
  'images.prune': z.strictObject({ ...pruning.shape, left: z.boolean().optional() }),
  'compose.plan': z.strictObject(composeWish),
  'compose.up': z.strictObject({ ...composeWish, mark: text.optional() }),
  'compose.down': z.strictObject({ project: text, volumes: z.boolean().optional() }),
  'trash.list': none,
  'trash.restore': z.strictObject({ ...guestRef, name: text.optional() }),
  'trash.empty': z.strictObject({ guests: z.array(ref).max(10_000).optional() }),
  'trash.keep': z.strictObject({ days: z.number().int().min(0).max(365) }),
  'templates.list': none,
  'templates.save': z.strictObject({ ...guestRef, name: text, replace: z.boolean().optional() }),
  'templates.remove': z.strictObject({ name: text }),
  'volumes.list': none,
  'volumes.create': z.strictObject({ name: text, labels: labels.optional() }),
  'volumes.inspect': z.strictObject({ volume: ref }),
  'volumes.remove': z.strictObject({ volume: ref }),
  'volumes.prune': pruning,
  'networks.list': none,
  'networks.create': z.strictObject({
    draft: z.strictObject({
      name: text,
      mode: z.enum(['nat', 'isolated', 'bridged']).optional(),
      subnet4: text.optional(),
      outside: z.strictObject({ bridge: text, range4: text, router4: text.optional() }).optional(),
      labels: labels.optional(),
    }),
  }),
  'networks.remove': z.strictObject({ network: ref }),
  'networks.prune': dryRun,
  'events.list': z.strictObject({
    since: moment.optional(),
    until: moment.optional(),
    guest: ref.optional(),
    last: z.number().int().min(1).max(100_000).optional(),
  }),
  'operations.list': none,
  'operations.cancel': z.strictObject({ operation: ref }),
  'operations.retry': z.strictObject({ operation: ref }),
  'consoles.list': z.strictObject({ guest: ref.optional() }),
  'consoles.exec': z.strictObject({
    ...guestRef,
    command: z.array(z.string().max(131_072)).max(4096),
    tty: z.boolean(),
    ...size,
    user: text.optional(),
    env: z.array(text).max(1000).optional(),
    workingDir: text.optional(),
    borrowed: z.boolean().optional(),
  }),
  'consoles.close': z.strictObject({ session: ref }),
  'metrics.now': z.strictObject({ guests: z.array(ref).max(10_000).optional() }),
  'metrics.history': z.strictObject({
    id: ref,
    rangeSeconds: z.number().int().min(10).max(2_678_400),
    points: z.number().int().min(1).max(2000),
    until: z.number().int().min(0).max(8.64e15).optional(),
  }),
  'metrics.ranking': z.strictObject({
    rangeSeconds: z.number().int().min(10).max(2_678_400),
    points: z.number().int().min(1).max(2000),
    series: z.array(z.enum(SERIES)).min(1).max(4),
    most: z.number().int().min(1).max(20),
  }),
  'host.info': none,
  'host.diskUse': none,
  'host.devices': none,
  'host.disks': none,
  'host.doctor': z.strictObject({ fresh: z.boolean().optional() }),
  'host.mend': z.strictObject({ finding: text.min(1) }),
  'host.freePorts': z.strictObject({ wanted: z.array(z.number().int().min(1).max(65_535)).max(64) }),
  'host.browse': z.strictObject({ path: text, hidden: z.boolean().optional() }),
  'host.folder': z.strictObject({ path }),
};

const streams: { [K in StreamKind]: { args: z.ZodType; control: z.ZodType } } = {
  console: {
    args: z.strictObject({
      session: ref.optional(),
      guest: ref.optional(),
      tailBytes: z.number().int().min(0).max(16_777_216).optional(),
      hold: z.boolean().optional(),
    }),
    control: z.union([
      z.strictObject({
        type: z.literal('resize'),
        columns: z.number().int().min(1).max(1000),
        rows: z.number().int().min(1).max(1000),
      }),
      z.strictObject({ type: z.literal('stdin-end') }),
    ]),
  },
  display: { args: z.strictObject(guestRef), control: z.never() },
  sound: { args: z.strictObject(guestRef), control: z.never() },
  screenshot: {
    args: z.strictObject({ ...guestRef, maxWidth: z.number().int().min(1).max(8192).optional() }),
    control: z.never(),
  },
  'snapshot-picture': { args: z.strictObject(snapshot), control: z.never() },
  logs: {
    args: z.strictObject({
      ...guestRef,
      follow: z.boolean().optional(),
      tailLines: z.number().int().min(0).max(1_000_000).optional(),
      timestamps: z.boolean().optional(),
      sinceMs: moment.optional(),
      untilMs: moment.optional(),
    }),
    control: z.never(),
  },
  operation: { args: z.strictObject({ operation: ref }), control: z.never() },
  'copy-out': { args: z.strictObject({ ...guestRef, path, raw: z.boolean().optional() }), control: z.never() },
  'copy-in': {
    args: z.strictObject({ ...guestRef, path, raw: z.boolean().optional() }),
    control: z.strictObject({ type: z.literal('stdin-end') }),
  },
  receive: {
    args: z.strictObject({
      name: text.min(1).refine((name) => !/[/\0]|^\.{1,2}$/.test(name) && Buffer.byteLength(name) <= 255),
      sizeBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
      as: z.enum(['image', 'guest']),
    }),
    control: z.strictObject({ type: z.literal('stdin-end') }),
  },
};

export function isCall(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}
export function isStream(name: string): name is StreamKind {
  return Object.hasOwn(streams, name);
}

export function parseCall<N extends CallName>(name: N, args: unknown): CallArgs<N> {
  return parse(calls[name], args, name) as CallArgs<N>;
}
export function parseStream<K extends StreamKind>(kind: K, args: unknown): EngineStreams[K]['args'] {
  return parse(streams[kind].args, args, kind) as EngineStreams[K]['args'];
}
export function parseControl<K extends StreamKind>(kind: K, message: unknown): EngineStreams[K]['control'] {
  return parse(streams[kind].control, message, kind) as EngineStreams[K]['control'];
}

function parse(schema: z.ZodType, value: unknown, name: string): unknown {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') || name;
  throw new GuesthouseError({
    code: 'invalid',
    message: `The request ${name} was not understood: ${field}: ${issue?.message ?? 'unknown shape'}.`,
    subject: field,
    hint: 'Check the spelling and the kind of this value.',
  });
}
