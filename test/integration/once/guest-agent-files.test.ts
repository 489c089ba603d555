/** Files of a machine with a system of its own, by the real qemu-guest-agent: with busybox' tools, with GNU's, without any. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tar from 'tar-stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { GuestFile } from '../../../engine/contract/files.ts';
import type { GuestRecord } from '../../../engine/drivers/driver.ts';
import { machinePaths } from '../../../engine/drivers/qemu/run-record.ts';
import type { GuestFiles } from '../../../engine/drivers/reach.ts';
import { readTar } from '../../../engine/images/archive/tar-reader.ts';
import { prepareGuestAgent, startAgent, takeProgram } from '../../fixtures/guest-agent.ts';
import { type Machines, makeMachines } from '../../fixtures/machines.ts';

const GNU = ['chmod', 'chown', 'cp', 'find', 'mkdir', 'mv', 'realpath', 'rm', 'stat', 'tar'];
const START_GNU = `
mkdir -p /usr/local/sbin /gnu
cp /agent/* /gnu/
for tool in ${GNU.join(' ')}; do
  printf '#!/bin/sh\nexec /gnu/ld.so --library-path /gnu /gnu/%s "$@"\n' $tool >/usr/local/sbin/$tool
  chmod 755 /usr/local/sbin/$tool
done
export PATH=/usr/local/sbin:$PATH`;
const request = { tty: false, columns: 0, rows: 0, user: null, env: [] };
const never = new AbortController().signal;

let machines: Machines;
let lack: string | null = null;
let guest: GuestRecord;
let files: GuestFiles;

beforeAll(async () => {
  machines = await makeMachines();
  const source = join(machines.paths.home, 'agent');
  lack = prepareGuestAgent(source);
  for (const name of GNU) lack ??= takeProgram(`/usr/bin/${name}`, source);
  if (lack !== null) return;
  const mounts = [{ source, target: '/agent', readOnly: true }];
  guest = machines.record({ command: ['sleep', '100000'], mounts });
  await machines.up(guest);
}, 240_000);
afterAll(async () => {
  await machines?.end();
});
beforeEach((context) => {
  if (lack !== null) context.skip(lack);
});

/** What its next engine takes it for: one with an init of ours, or a system of its own. */
async function meetAs(ours: boolean): Promise<void> {
  await machines.restartEngine();
  const { record } = machinePaths(machines.paths, guest.id);
  writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), agent: ours }));
  await machines.driver.adopt(guest);
}

async function said(command: string): Promise<string> {
  const endpoint = await machines.driver.exec(guest, { ...request, command: ['sh', '-c', command] });
  let text = '';
  await new Promise<void>((done) => {
    void endpoint.start({ onData: (bytes) => (text += Buffer.from(bytes)), onEnd: () => done() });
  });
  return text;
}

async function withAgent(options: string, before = ''): Promise<void> {
  await meetAs(true);
  await said('killall ld.so; while pidof ld.so; do sleep 0.1; done');
  await machines.driver.exec(guest, { ...request, command: ['sh', '-c', `${before}\n${startAgent(options)}`] });
  await meetAs(false);
  files = machines.driver.files?.(guest) as GuestFiles;
  const isThere = () =>
    files.list('/').then(
      () => true,
      ({ message }: Error) => !message.includes('no guest agent'),
    );
  await expect.poll(isThere, { timeout: 40_000 }).toBe(true);
}

type Header = Partial<tar.Header> & { name: string; content?: string };
function archive(...entries: Header[]): AsyncIterable<Uint8Array> {
  const pack = tar.pack();
  for (const { content, ...header } of entries) pack.entry(header, content ?? '');
  pack.finalize();
  return pack as unknown as AsyncIterable<Uint8Array>;
}
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}
const write = async (path: string, bytes: Uint8Array) =>
  (await files.copyIn(path, { raw: true, signal: never, source: once(bytes) })).done;
const read = async (path: string) => whole((await files.copyOut(path, { raw: true, signal: never })).bytes);
const unpack = async (path: string, source: AsyncIterable<Uint8Array>) =>
  (await files.copyIn(path, { raw: false, signal: never, source })).done;
async function packed(path: string): Promise<Record<string, string>> {
  const { bytes } = await files.copyOut(path, { raw: false, signal: never });
  const all = await whole(bytes);
  const found: Record<string, string> = {};
  await readTar(once(all), {
    entry({ name, type, linkName, sizeBytes, offset }) {
      found[name] = type === 'file' ? all.subarray(offset, offset + sizeBytes).toString() : `${type} ${linkName}`;
      return false;
    },
    content() {},
  });
  return found;
}
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const shown = (entries: readonly GuestFile[]) =>
  Object.fromEntries(entries.map(({ name, kind, linkTarget }) => [name, linkTarget ?? kind]));

const ODD = `it's "odd" \\ ä\nsecond line`;

it.each([
  ['busybox', ''],
  ['GNU', START_GNU],
])(
  'files and folders go both ways by the tools of %s',
  async (tools, before) => {
    const top = `/root/${tools}`;
    await withAgent('', before);
    await files.makeFolder(top);
    const large = randomBytes(600_001);
    expect(await write(`${top}/large`, large)).toEqual({ entries: 1 });
    expect(sha(await read(`${top}/large`))).toBe(sha(large));

    const entries: Header[] = [
      { name: 'd/', type: 'directory', mode: 0o750, uid: 7 },
      { name: `d/${ODD}`, content: 'odd' },
      { name: 'd/link', type: 'symlink', linkname: "to 'there' -> x" },
      { name: 'd/empty', content: '' },
    ];
    expect(await unpack(top, archive(...entries))).toEqual({ entries: 4 });
    expect(shown((await files.list(`${top}/d`)).entries)).toEqual({
      [ODD]: 'file',
      link: "to 'there' -> x",
      empty: 'file',
    });
    expect((await files.list(top)).entries).toMatchObject([
      { name: 'd', mode: 0o750, uid: 7, kind: 'folder' },
      { name: 'large', mode: 0o644, uid: 0, kind: 'file', sizeBytes: 600_001 },
    ]);
    expect(await packed(`${top}/d`)).toEqual({
      'd/': 'folder ',
      [`d/${ODD}`]: 'odd',
      'd/link': "symlink to 'there' -> x",
      'd/empty': '',
    });
    await files.rename(`${top}/large`, `${top}/renamed`);
    await files.remove(`${top}/d`);
    await expect(files.remove(`${top}/d`)).rejects.toMatchObject({ code: 'not-found' });
  },
  120_000,
);

it('what is there keeps its rights; what cannot be is refused', async () => {
  await withAgent('');
  const top = '/root/kept';
  await files.makeFolder(top);
  await write(`${top}/key`, Buffer.from('old'));
  await said(`chmod 600 ${top}/key; chown 5:6 ${top}/key; echo >${top}/lock; mkdir ${top}/d`);
  await write(`${top}/key`, Buffer.from('new'));
  expect(await read(`${top}/key`)).toEqual(Buffer.from('new'));
  const key = (await files.list(top)).entries.find(({ name }) => name === 'key');
  expect(key).toMatchObject({ mode: 0o600, uid: 5, gid: 6 });
  await expect(files.rename(`${top}/key`, `${top}/lock`)).rejects.toMatchObject({ code: 'conflict' });
  await expect(read(`${top}/none`)).rejects.toMatchObject({ code: 'not-found', message: `There is no ${top}/none.` });
  await expect(files.list(`${top}/lock`)).rejects.toMatchObject({ code: 'invalid' });
  await expect(write(`${top}/d`, Buffer.from('x'))).rejects.toMatchObject({ code: 'invalid' });
  await expect(unpack(`${top}/nowhere`, archive({ name: 'x' }))).rejects.toMatchObject({ code: 'not-found' });
}, 240_000);

it('what is cut off leaves nothing', async () => {
  const top = '/root/cut';
  await files.makeFolder(top);
  await write(`${top}/large`, new Uint8Array(600_000));
  const abort = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let sent = 0; ; sent++) {
      if (sent === 8) abort.abort();
      yield new Uint8Array(100_000);
    }
  }
  const { done } = await files.copyIn(`${top}/never`, { raw: true, signal: abort.signal, source: endless() });
  await expect(done).rejects.toMatchObject({ code: 'cancelled' });
  const hostile = archive({ name: 'fine', content: 'x' }, { name: '../../out', content: 'x' });
  await expect(unpack(top, hostile)).rejects.toMatchObject({ code: 'bad-data' });
  const out = await files.copyOut(`${top}/large`, { raw: false, signal: never });
  await out.bytes.next();
  await out.bytes.return(undefined);
  expect((await files.list(top)).entries.map(({ name }) => name)).toEqual(['large']);
  const left = 'ls -A /tmp /var/tmp 2>/dev/null | grep guesthouse; ls -l /proc/$(pidof ld.so)/fd | grep /root/';
  expect(await said(left)).toBe('');
}, 240_000);

it('a program is run by it, with what it writes and its exit code; there is no terminal', async () => {
  const run = (command: string[], tty = false) => machines.driver.exec(guest, { ...request, tty, command });
  const endpoint = await run(['sh', '-c', 'echo $((6 * 7)); echo odd >&2; exit 3']);
  let text = '';
  const code = await new Promise((done) => {
    void endpoint.start({ onData: (bytes, stream) => (text += `${stream}: ${Buffer.from(bytes)}`), onEnd: done });
  });
  expect([code, text]).toEqual([3, 'stdout: 42\nstderr: odd\n']);
  await expect(run(['sh'], true)).rejects.toMatchObject({ code: 'unsupported', message: /opens no terminals/ });
});

it('without its leave to start programs, single files go both ways', async () => {
  await withAgent('-b guest-exec');
  await expect(files.list('/')).rejects.toMatchObject({
    code: 'unsupported',
    hint: expect.stringContaining('guest-exec'),
  });
  await expect(files.list('/root/nothing')).rejects.toMatchObject({ code: 'not-found' });
  await expect(files.list('/etc/passwd')).rejects.toMatchObject({ code: 'invalid' });
  for (const act of [() => files.makeFolder('/x'), () => files.remove('/etc/passwd'), () => packed('/root')])
    await expect(act()).rejects.toMatchObject({ code: 'unsupported' });

  const bytes = randomBytes(700_001);
  machines.news.length = 0;
  expect(await write('/root/single', bytes)).toEqual({ entries: 1 });
  expect(machines.news).toMatchObject([{ what: expect.stringContaining('write to /root/single') }]);
  expect(sha(await read('/root/single'))).toBe(sha(bytes));
  // As `cp` sends and takes one.
  expect(await unpack('/root', archive({ name: 'single', content: 'short' }))).toEqual({ entries: 1 });
  expect(await packed('/root/single')).toEqual({ single: 'short' });
  expect(machines.news).toHaveLength(1);
  const folder = archive({ name: 'd/', type: 'directory' }, { name: 'd/x', content: 'x' });
  await expect(unpack('/root', folder)).rejects.toMatchObject({ code: 'unsupported' });
  await expect(write('/root', bytes)).rejects.toMatchObject({ code: 'invalid' });
}, 240_000);

it('while it stands still, or without an agent, its files are not reached', async () => {
  await machines.driver.pause(guest);
  await expect(files.list('/')).rejects.toMatchObject({ code: 'wrong-state', hint: expect.stringContaining('resume') });
  await machines.driver.resume(guest);
  await meetAs(true);
  await said('killall ld.so');
  await meetAs(false);
  files = machines.driver.files?.(guest) as GuestFiles;
  const why = () => files.list('/').catch(({ code, hint }) => [code, /Install qemu-guest-agent/.test(hint)]);
  await expect.poll(why, { timeout: 20_000 }).toEqual(['unsupported', true]);
}, 240_000);
