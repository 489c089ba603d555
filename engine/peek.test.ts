import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GuestSpec } from './contract/guest.ts';
import { writeRunRecord } from './drivers/oci/run-record.ts';
import type { Manifest } from './guests/manifest.ts';
import { newManifest, writeManifest } from './guests/manifest-write.ts';
import { RUN_DEFAULTS } from './guests/run-defaults.ts';
import { tryLock } from './host/lock.ts';
import type { Paths } from './host/paths.ts';
import { bootId, type ProcessRef, processRef } from './host/process-ref.ts';
import { peekGuests } from './peek.ts';

const ID = '0123456789ab';
const IMAGE = 'a'.repeat(64);
const here = processRef(process.pid) as ProcessRef;
const parent = processRef(process.ppid) as ProcessRef;
let home: string;
let paths: Paths;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gh-peek-'));
  const at = (name: string) => join(home, name);
  paths = {
    ...{ home, guests: at('guests'), images: at('images'), volumes: at('volumes'), cache: at('cache'), run: at('run') },
    ...{ historyDb: at('history.db'), lockDb: at('lock.db'), log: at('log'), engineSocket: at('run/engine.sock') },
  };
  for (const folder of [join(paths.guests, ID), join(paths.run, ID), join(paths.images, 'work')])
    mkdirSync(folder, { recursive: true });
  image({});
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function image(config: object): void {
  mkdirSync(join(paths.images, 'images', IMAGE), { recursive: true });
  writeFileSync(join(paths.images, 'images', IMAGE, 'image.json'), JSON.stringify({ config }));
}

async function guest(change: Partial<Manifest> = {}, spec: Partial<GuestSpec> = {}): Promise<void> {
  const made = newManifest({
    id: ID,
    spec: { ...RUN_DEFAULTS, name: 'one', isolation: 'container', restart: { when: 'no' }, ...spec } as GuestSpec,
    image: { id: `sha256:${IMAGE}`, name: 'busybox:latest' },
    isoPath: null,
    addresses: [],
  });
  await writeManifest(paths, { ...made, mark: 'ready', ...change });
}

function run(change: { main?: ProcessRef; conmon?: ProcessRef; paused?: boolean } = {}): void {
  const record = { bootId: bootId(), main: here, conmon: parent, startedAt: 5, tty: false, title: 'main', notes: [] };
  writeRunRecord(join(paths.run, ID), {
    ...record,
    ...{ logOffset: 0, logInode: 0, started: true, paused: false },
    ...change,
  });
}

test('what runs and what does not', async () => {
  await guest();
  expect(peekGuests(paths)).toMatchObject([{ id: ID, name: 'one', state: 'stopped', startedAt: null }]);
  await guest({ failure: { code: 'internal', message: 'It broke.' } });
  expect(peekGuests(paths)).toMatchObject([{ state: 'failed', failure: { message: 'It broke.' } }]);
  await guest({ wanted: 'running' });
  run();
  expect(peekGuests(paths)).toMatchObject([{ state: 'running', startedAt: 5, image: 'busybox:latest' }]);
  run({ paused: true });
  expect(peekGuests(paths)).toMatchObject([{ state: 'paused' }]);
  // Nothing of it is kept: the next one can own the home.
  expect(tryLock(paths.lockDb)?.release()).toBeUndefined();
});

test.each<[string, () => unknown]>([
  ['a creation that was cut off', () => guest({ mark: 'creating' })],
  ['a removal that was cut off', () => guest({ mark: 'deleting' })],
  ['a change that was cut off', () => guest({ before: {} as never })],
  ['one that should run and does not', () => guest({ wanted: 'running' })],
  [
    'one that starts with the host',
    () => guest({ bootId: 'earlier' }, { restart: { when: 'always', maxRetries: null } }),
  ],
  ['a machine that should run', () => guest({ wanted: 'running' }, { isolation: 'vm' })],
  ['a record that cannot be read', () => writeFileSync(join(paths.guests, ID, 'guest.json'), '{')],
  ['a folder without a record', () => mkdirSync(join(paths.guests, 'ba9876543210'))],
  ['a house nobody lives in', () => guest().then(() => writeFileSync(join(paths.run, 'house.net'), ''))],
  ['disks that a rescue opened', () => guest().then(() => mkdirSync(join(paths.run, `${ID}.r`)))],
  ['half an image', () => guest().then(() => mkdirSync(join(paths.images, 'work', 'x')))],
])('an engine has to look: %s', async (_, make) => {
  await guest();
  expect(peekGuests(paths)).toHaveLength(1);
  await make();
  expect(peekGuests(paths)).toBeNull();
});

test.each<[string, Partial<GuestSpec>, object]>([
  ['it is started anew', { restart: { when: 'on-failure', maxRetries: null } }, {}],
  ['it goes with its end', { disposable: true }, {}],
  ['its image is checked', {}, { health: { command: ['true'] } }],
])('an engine has to look after one that runs: %s', async (_, spec, config) => {
  await guest({ wanted: 'running' });
  run();
  expect(peekGuests(paths)).toHaveLength(1);
  image(config);
  await guest({ wanted: 'running' }, spec);
  expect(peekGuests(paths)).toBeNull();
});

test('a program whose number is another`s now does not run; a home that has an owner is its owner`s', async () => {
  await guest({ wanted: 'running' });
  run({ main: { ...here, startTicks: here.startTicks + 1 } });
  expect(peekGuests(paths)).toBeNull();
  // Its conmon ended: it has been handed to another.
  run({ conmon: here });
  expect(peekGuests(paths)).toBeNull();
  run();
  const lock = tryLock(paths.lockDb);
  expect(peekGuests(paths)).toBeNull();
  lock?.release();
  expect(peekGuests(paths)).toHaveLength(1);
});
