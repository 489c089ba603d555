/** Reaching into containers: files, copies, logs, processes, borrowed tools. Passes as root and as an ordinary user. */
import { readFileSync } from 'node:fs';
import tar from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GuestRecord } from '../../engine/drivers/driver.ts';
import type { GuestFiles } from '../../engine/drivers/reach.ts';
import { type Containers, makeContainers, reading } from '../fixtures/containers.ts';

let containers: Containers;
beforeAll(async () => {
  containers = makeContainers();
  await containers.house.ensure();
});
afterEach(() => containers.killAll());
afterAll(async () => {
  await containers?.end();
});

const never = new AbortController().signal;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const filesOf = (guest: GuestRecord) => containers.driver.files?.(guest) as GuestFiles;

async function running(script: string, spec: Parameters<Containers['record']>[0] = {}): Promise<GuestRecord> {
  const guest = containers.record({ command: ['sh', '-c', `${script}; echo ready; sleep 1000`], ...spec });
  await containers.up(guest);
  const [main] = await containers.driver.endpoints(guest);
  const session = await reading(main);
  await session.shows('ready');
  return guest;
}

async function* bytesOf(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part as string);
}

async function outOf(guest: GuestRecord, path: string, raw = false): Promise<Buffer> {
  const { bytes } = await filesOf(guest).copyOut(path, { raw, signal: never });
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

async function into(guest: GuestRecord, path: string, source: AsyncIterable<Uint8Array>, raw = false) {
  const { done } = await filesOf(guest).copyIn(path, { raw, signal: never, source });
  return done;
}

type Header = Partial<tar.Header> & { name: string; content?: string };
function archive(...entries: Header[]): AsyncIterable<Uint8Array> {
  const pack = tar.pack();
  for (const { content, ...header } of entries) pack.entry(header, content ?? '');
  pack.finalize();
  return pack as unknown as AsyncIterable<Uint8Array>;
}

async function unpacked(bytes: Buffer): Promise<Record<string, { header: tar.Header; content: string }>> {
  const found: Record<string, { header: tar.Header; content: string }> = {};
  const extract = tar.extract();
  extract.end(bytes);
  for await (const entry of extract) {
    let content = '';
    for await (const part of entry) content += text(part as Uint8Array);
    found[entry.header.name] = { header: entry.header, content };
  }
  return found;
}

const names = async (guest: GuestRecord, path: string) =>
  (await filesOf(guest).list(path)).entries.map(({ name }) => name);

describe.each(['running', 'paused', 'stopped'])('files of a %s container', (state) => {
  let guest: GuestRecord;
  const prepare = async (script: string) => {
    guest = await running(script);
    if (state === 'paused') await containers.driver.pause(guest);
    if (state === 'stopped') {
      await containers.driver.kill(guest);
      await containers.exit(guest);
    }
  };

  it('are listed, made, named anew and removed', async () => {
    await prepare(
      'mkdir -p /d/sub /d/empty; echo hello >/d/file; chmod 640 /d/file; ln -s /d/file /d/abs; ln -s nowhere /d/dead; ln -s d /way; cd /d; echo >"$(echo -e "new\\nline")"; echo >" \\ \' é"',
    );
    const { path, entries, truncated } = await filesOf(guest).list('/way/');
    expect({ path, truncated }).toEqual({ path: '/d', truncated: false });
    expect(entries.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'folder empty',
      'folder sub',
      "file  \\ ' é",
      'link abs',
      'link dead',
      'file file',
      'file new\nline',
    ]);
    const file = entries.find(({ name }) => name === 'file');
    expect(file).toMatchObject({ sizeBytes: 6, mode: 0o640, uid: 0, gid: 0, linkTarget: null });
    expect(Math.abs((file?.modifiedAt ?? 0) - Date.now())).toBeLessThan(120_000);
    expect(entries.find(({ name }) => name === 'abs')?.linkTarget).toBe('/d/file');

    const files = filesOf(guest);
    await files.makeFolder('/d/made');
    await files.rename('/d/file', '/d/made/moved');
    await files.remove('/d/sub');
    await files.remove('/d/abs');
    expect(await names(guest, '/d/made')).toEqual(['moved']);
    expect(await names(guest, '/d')).toEqual(['empty', 'made', " \\ ' é", 'dead', 'new\nline']);
    await expect(files.makeFolder('/d/made')).rejects.toMatchObject({ code: 'conflict' });
    await expect(files.makeFolder('/none/made')).rejects.toMatchObject({ code: 'not-found' });
    await expect(files.rename('/d/made', '/d/empty')).rejects.toMatchObject({ code: 'conflict' });
    await expect(files.rename('/d/none', '/d/x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(files.remove('/d/none')).rejects.toMatchObject({ code: 'not-found' });
    await expect(files.remove('/')).rejects.toMatchObject({ code: 'invalid' });
    await expect(files.remove('/d/..')).rejects.toMatchObject({ code: 'invalid' });
    await expect(files.list('/d/made/moved')).rejects.toMatchObject({ code: 'invalid' });
    await expect(files.list('/none')).rejects.toMatchObject({ code: 'not-found' });
    await expect(files.list('d')).rejects.toMatchObject({ code: 'invalid' });
  });

  it('are copied out and in', async () => {
    await prepare(
      'mkdir -p /d/sub; echo hello >/d/file; chmod 750 /d/file; ln -s file /d/link; echo deep >/d/sub/deep',
    );
    const out = await unpacked(await outOf(guest, '/d'));
    expect(Object.keys(out).sort()).toEqual(['d/', 'd/file', 'd/link', 'd/sub/', 'd/sub/deep']);
    expect(out['d/file']).toMatchObject({ content: 'hello\n', header: { mode: 0o750, uid: 0, gid: 0 } });
    expect(out['d/link']?.header).toMatchObject({ type: 'symlink', linkname: 'file' });
    expect(text(await outOf(guest, '/d/link', true))).toBe('hello\n');
    const one = await filesOf(guest).copyOut('/d/link', { raw: true, signal: never });
    expect(one).toMatchObject({ kind: 'file', sizeBytes: 6 });
    await (one.bytes as AsyncGenerator).return(undefined);
    await expect(outOf(guest, '/d', true)).rejects.toMatchObject({ code: 'invalid' });
    await expect(outOf(guest, '/none')).rejects.toMatchObject({ code: 'not-found' });

    const long = `${'n'.repeat(90)}/${'m'.repeat(120)}`;
    const { entries } = await into(
      guest,
      '/d',
      archive(
        { name: './', type: 'directory', mode: 0o700 },
        { name: 'file', mode: 0o604, uid: 1234, gid: 567, mtime: new Date(1e12), content: 'new' },
        { name: 'sub/', type: 'directory', mode: 0o755 },
        { name: 'sub/added', content: 'a' },
        { name: 'sub/hard', type: 'link', linkname: 'sub/added' },
        { name: 'sub/soft', type: 'symlink', linkname: '/etc/passwd' },
        { name: 'ü'.repeat(60), content: 'long name' },
        { name: long, content: 'longer' },
      ),
    );
    expect(entries).toBe(7);
    const file = (await filesOf(guest).list('/d')).entries.find(({ name }) => name === 'file');
    const manyIds = readFileSync(`/proc/${containers.house.pid}/uid_map`, 'utf8').trim().split('\n').length > 1;
    if (manyIds || process.getuid?.() === 0) expect(file).toMatchObject({ uid: 1234, gid: 567 });
    expect(file).toMatchObject({ mode: 0o604, modifiedAt: 1e12, sizeBytes: 3 });
    expect(await names(guest, '/d/sub')).toEqual(['added', 'deep', 'hard', 'soft']);
    expect(text(await outOf(guest, `/d/${long}`, true))).toBe('longer');
    expect(text(await outOf(guest, `/d/${'ü'.repeat(60)}`, true))).toBe('long name');
    expect(await names(guest, '/d')).toEqual(['n'.repeat(90), 'sub', 'file', 'link', 'ü'.repeat(60)]);

    expect(await into(guest, '/d/raw', bytesOf('one ', 'two'), true)).toEqual({ entries: 1 });
    expect(await into(guest, '/d/link', bytesOf('through the link'), true)).toEqual({ entries: 1 });
    expect(text(await outOf(guest, '/d/raw', true))).toBe('one two');
    expect(text(await outOf(guest, '/d/file', true))).toBe('through the link');
    const kept = (await filesOf(guest).list('/d')).entries.find(({ name }) => name === 'file');
    expect(kept).toMatchObject({ mode: 0o604, ...(file ? { uid: file.uid } : {}) });
    await expect(into(guest, '/d', bytesOf('x'), true)).rejects.toMatchObject({ code: 'invalid' });
    await expect(into(guest, '/none/x', bytesOf('x'), true)).rejects.toMatchObject({ code: 'not-found' });
    await expect(into(guest, '/d/raw', archive())).rejects.toMatchObject({ code: 'invalid' });
    const whole = await unpacked(await outOf(guest, '/'));
    expect(Object.keys(whole).filter((name) => /^\.\/(proc|dev|sys)/.test(name))).toEqual([]);
    expect(whole['./d/raw']?.content).toBe('one two');
  });
});
