/** Reaching into containers: files, copies, logs, processes, borrowed tools. Passes as root and as an ordinary user. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tar from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GuestRecord } from '../../engine/drivers/driver.ts';
import type { GuestFiles, LogRequest } from '../../engine/drivers/reach.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { type Containers, eventually, makeContainers, operation, reading } from '../fixtures/containers.ts';

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

const mountsOf = (guest: GuestRecord) =>
  readFileSync(`/proc/${containers.house.pid}/mountinfo`, 'utf8').split(`${guest.id}/rootfs `).length - 1;

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
    await one.bytes.return(undefined);
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

describe('further programs', () => {
  const output = async (guest: GuestRecord, request: Partial<Parameters<Containers['driver']['exec']>[1]>) => {
    const endpoint = await containers.driver.exec(guest, {
      command: [],
      tty: false,
      columns: 80,
      rows: 24,
      user: null,
      env: [],
      ...request,
    });
    const session = await reading(endpoint, false);
    return { ...session, text: () => session.seen.stdout + session.seen.stderr, endInput: () => endpoint.endInput() };
  };

  it('start where, as whom and with what they are asked to', async () => {
    const guest = await running(':');
    const command = ['sh', '-c', 'pwd; id -u; id -g; echo $A'];
    const session = await output(guest, { command, workingDir: '/etc', user: 'alice:users', env: ['A=b c'] });
    expect(await session.ended()).toBe(0);
    expect(session.text()).toBe('/etc\n1000\n100\nb c\n');
    await expect(output(guest, { command, workingDir: '/proc/1/cwd' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(output(guest, { command, user: 'mallory' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it.each([false, true])(
    'have tools of ours where the image has no shell (read-only root: %s)',
    async (readOnlyRoot) => {
      const guest = await running('busybox rm -f /bin/sh /bin/ls; echo ready; exec busybox sleep 1000', {});
      if (readOnlyRoot) {
        await containers.driver.kill(guest);
        await containers.exit(guest);
        const again = { ...guest, spec: { ...guest.spec, command: ['sleep', '1000'], readOnlyRoot } };
        await containers.driver.start(again, operation());
      }
      await expect(output(guest, {})).rejects.toMatchObject({ code: 'unsupported', subject: 'shell' });
      const session = await output(guest, { borrowed: true, user: 'alice' });
      session.type('id -u; ls /etc | wc -l; ls -d /dev/.g*\n');
      session.endInput();
      expect(await session.ended()).toBe(0);
      expect(session.text()).toMatch(/^1000\n\d+\n\/dev\/\.guesthouse\n$/);
      const second = await output(guest, { borrowed: true, command: ['wc', '-c', '/etc/plain-file'] });
      expect(await second.ended()).toBe(0);
      expect(second.text()).toContain('/etc/plain-file');
      expect(await containers.driver.diff?.(guest)).toEqual([
        { path: '/bin', change: 'changed' },
        { path: '/bin/ls', change: 'removed' },
        { path: '/bin/sh', change: 'removed' },
      ]);
    },
  );
});

it('lists the processes of a container in its own numbers', async () => {
  const guest = await running('sleep 999 & true');
  const endpoint = await containers.driver.exec(guest, {
    command: ['sleep', '998'],
    tty: false,
    columns: 80,
    rows: 24,
    user: 'alice',
    env: [],
  });
  await reading(endpoint, false);
  // A program has no words yet in the moment it takes the runtime's place.
  const top = await eventually(async () => {
    const found = (await containers.driver.top?.(guest)) ?? [];
    return found.some(({ command }) => command === 'sleep 998') ? found : null;
  });
  const shown = top.map(({ pid, parentPid, uid, command }) => ({ pid, parentPid, uid, command }));
  expect(shown[0]).toMatchObject({ pid: 1, parentPid: null, uid: 0 });
  expect(shown).toContainEqual({ pid: expect.any(Number), parentPid: 1, uid: 0, command: 'sleep 999' });
  expect(shown).toContainEqual({ pid: expect.any(Number), parentPid: null, uid: 1000, command: 'sleep 998' });
  const running999 = top.find(({ command }) => command === 'sleep 999');
  expect(running999?.state).toBe('S');
  expect(Math.abs((running999?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  await containers.driver.kill(guest);
  await containers.exit(guest);
  await expect(containers.driver.top?.(guest)).rejects.toMatchObject({ code: 'wrong-state' });
});

it('tells what a container changed, and nothing of what was made to mount on', async () => {
  const guest = await running(
    'mkdir -p /new/deep; echo x >/new/deep/file; echo x >>/etc/passwd; busybox rm /etc/plain-file; busybox rm -r /bin/../etc/group',
    { tmpfs: [{ target: '/scratch/here', sizeMib: null }] },
  );
  const expected = [
    { path: '/etc', change: 'changed' },
    { path: '/etc/group', change: 'removed' },
    { path: '/etc/passwd', change: 'changed' },
    { path: '/etc/plain-file', change: 'removed' },
    { path: '/new', change: 'added' },
    { path: '/new/deep', change: 'added' },
    { path: '/new/deep/file', change: 'added' },
  ];
  expect(await containers.driver.diff?.(guest)).toEqual(expected);
  await containers.driver.kill(guest);
  await containers.exit(guest);
  expect(await containers.driver.diff?.(guest)).toEqual(expected);
});

describe('the log of a container without a terminal', () => {
  const read = async (guest: GuestRecord, request: Partial<LogRequest> = {}) => {
    const pieces: [string, string][] = [];
    const whole = { follow: false, tailLines: null, signal: never, ...request };
    for await (const { bytes, channel } of containers.driver.log(guest, whole)) pieces.push([channel, text(bytes)]);
    return pieces;
  };

  it('tells output and errors apart and knows when', async () => {
    const began = Date.now();
    const guest = containers.record({
      command: ['sh', '-c', 'echo out; sleep 0.2; echo err >&2; sleep 0.2; cat; echo over'],
      tty: false,
      inputOnce: true,
    });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    session.type('typed\n');
    main?.endInput();
    await containers.exit(guest);
    expect(session.seen).toMatchObject({ stdout: 'out\ntyped\nover\n', stderr: 'err\n' });
    expect(await read(guest)).toEqual([
      ['stdout', 'out\n'],
      ['stderr', 'err\n'],
      ['stdout', 'typed\nover\n'],
    ]);
    const timed = await read(guest, { timestamps: true, tailLines: 3 });
    const [, time = ''] = /^(\S+Z) err\n$/.exec(timed[0]?.[1] ?? '') ?? [];
    expect(Date.parse(time)).toBeGreaterThanOrEqual(began);
    expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
    expect((await read(guest, { sinceMs: Date.parse(time) + 100 })).map(([, line]) => line).join('')).toBe(
      'typed\nover\n',
    );
    expect(await read(guest, { untilMs: began - 1 })).toEqual([]);
  });

  it('is followed over its size limit without losing a line, and one older file is kept', async () => {
    const lines = 18_000; // of nearly a thousand bytes: a little more than one file holds
    const script = `pad=$(busybox printf '%0900d' 0); from=1; while read go; do busybox awk -v p=$pad -v f=$from 'BEGIN{for(i=f;i<f+${lines};i++) print i, p}'; from=$((from+${lines})); done`;
    const guest = containers.record({ command: ['sh', '-c', script], tty: false, inputOnce: true });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    const seen: number[] = [];
    let rest = '';
    const following = (async () => {
      for await (const { bytes } of containers.driver.log(guest, { follow: true, tailLines: null, signal: never })) {
        const whole = (rest + text(bytes)).split('\n');
        rest = whole.pop() ?? '';
        for (const line of whole) seen.push(Number.parseInt(line, 10));
      }
    })();
    for (const round of [1, 2, 3]) {
      session.type('\n');
      await eventually(() => (seen.length >= round * lines ? true : null));
    }
    main?.endInput();
    await following;
    expect(seen.length).toBe(3 * lines);
    expect(seen.every((line, index) => line === index + 1)).toBe(true);
    const kept = (await read(guest)).map(([, part]) => part).join('');
    expect(kept.endsWith(`\n${3 * lines} ${'0'.repeat(900)}\n`)).toBe(true);
    expect(kept.length).toBeGreaterThan(16 * 1024 * 1024);
    const log = join(guestFolder(containers.paths, guest.id), 'console.log');
    const [current, older] = [log, `${log}.1`].map((path) => statSync(path));
    expect(older?.ino).not.toBe(current?.ino);
    expect(older?.size).toBeGreaterThan(15 * 1024 * 1024);
  });
});

describe('a hostile container', () => {
  /** A folder of the host that the guest knows the path of. */
  const bait = () => {
    const folder = join(containers.paths.home, 'bait');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'secret'), 'of the host');
    return folder;
  };
  const intact = () => {
    const folder = join(containers.paths.home, 'bait');
    expect(readdirSync(folder)).toEqual(['secret']);
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('of the host');
  };

  it('leads nowhere by its links', async () => {
    const folder = bait();
    const up = '../'.repeat(12);
    const links = `busybox ln -s ${folder} /abs; busybox ln -s ${up}${folder.slice(1)} /up; busybox ln -s ${folder}/secret /file; busybox ln -s /proc/1/root/../..${folder} /proc-way`;
    const guest = await running(`${links}; busybox ln -s round /round; busybox mkfifo /pipe; busybox mkdir /d`);
    const files = filesOf(guest);
    for (const way of ['/abs', '/up', '/proc-way', `/proc/1/root/../../..${folder}`, `/..${folder}`]) {
      // Roots of processes are not followed at all: our tools have no right to.
      const refused = { code: way.includes('proc') ? 'denied' : 'not-found' };
      await expect(files.list(way)).rejects.toMatchObject(refused);
      await expect(files.makeFolder(`${way}/made`)).rejects.toMatchObject(refused);
      await expect(files.remove(`${way}/secret`)).rejects.toMatchObject(refused);
      await expect(files.rename('/d', `${way}/d`)).rejects.toMatchObject(refused);
      await expect(outOf(guest, `${way}/secret`, true)).rejects.toMatchObject(refused);
      await expect(into(guest, `${way}/planted`, bytesOf('x'), true)).rejects.toMatchObject(refused);
      await expect(into(guest, way, archive({ name: 'x' }))).rejects.toMatchObject(refused);
    }
    await expect(outOf(guest, '/file', true)).rejects.toMatchObject({ code: 'not-found' });
    await expect(files.list('/round')).rejects.toMatchObject({ code: 'invalid' });
    await expect(outOf(guest, '/pipe', true)).rejects.toMatchObject({ code: 'invalid' });
    await expect(into(guest, '/pipe', bytesOf('x'), true)).rejects.toMatchObject({ code: 'invalid' });
    await files.remove('/abs');
    intact();
  });

  it('gains nothing by exchanging folders while they are read and written', async () => {
    const folder = bait();
    const guest = await running(
      `busybox mkdir /real; echo own >/real/secret; busybox ln -s ${folder} /link; (while true; do busybox mv -T /real /x; busybox mv -T /link /real; busybox mv -T /real /link; busybox mv -T /x /real; done) & true`,
    );
    const files = filesOf(guest);
    const outcomes = new Set<string>();
    for (let round = 0; round < 25; round++) {
      await Promise.all([
        outOf(guest, '/real/secret', true).then(
          (bytes) => outcomes.add(text(bytes)),
          () => outcomes.add('none'),
        ),
        outOf(guest, '/real').then(
          (bytes) => outcomes.add(bytes.includes('of the host') ? 'escaped' : 'archive'),
          () => outcomes.add('none'),
        ),
        into(guest, '/real/planted', bytesOf('x'), true).catch(() => {}),
        into(guest, '/real', archive({ name: 'planted-too', content: 'x' })).catch(() => {}),
        files.remove('/real/planted').catch(() => {}),
        files.list('/real').then(
          ({ entries }) => outcomes.add(entries.some(({ sizeBytes }) => sizeBytes === 11) ? 'escaped' : 'listed'),
          () => outcomes.add('none'),
        ),
      ]);
      intact();
    }
    expect([...outcomes].filter((one) => one === 'escaped' || one === 'of the host')).toEqual([]);
  });

  it('does not have its own tools, libraries or settings used', async () => {
    const guest = await running(
      `for name in tar stat find cat dd mv rm mkdir cp realpath chown chmod; do busybox rm -f /bin/$name; echo '#!/bin/busybox sh' >/bin/$name; echo 'echo used >>/used' >>/bin/$name; busybox chmod 755 /bin/$name; done; busybox mkdir -p /lib /root; echo 'passwd: evil' >/etc/nsswitch.conf; busybox mkfifo /etc/group.new; busybox cp /bin/busybox /lib/libnss_evil.so.2`,
    );
    await filesOf(guest).makeFolder('/made');
    await into(guest, '/made', archive({ name: 'a', uid: 77, content: 'x' }));
    await into(guest, '/made/b', bytesOf('y'), true);
    await unpacked(await outOf(guest, '/made'));
    await filesOf(guest).rename('/made/a', '/made/c');
    await filesOf(guest).remove('/made/b');
    expect(await names(guest, '/made')).toEqual(['c']);
    expect(await names(guest, '/')).not.toContain('used');
  });

  it('holds nobody for ever', async () => {
    const guest = await running('busybox rm /etc/passwd; busybox mkfifo /etc/passwd; busybox mkdir /d');
    const abort = new AbortController();
    const { bytes } = await filesOf(guest).copyOut('/d', { raw: false, signal: abort.signal });
    const reading = (async () => {
      for await (const _ of bytes);
    })();
    abort.abort();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });

  it.each([
    ['../planted', {}],
    ['a/../../planted', {}],
    ['hard', { type: 'link', linkname: '../../etc/passwd' }],
    ['device', { type: 'character-device', devmajor: 1, devminor: 3 }],
  ] as const)('gets no archive with the entry %j', async (name, header) => {
    const guest = await running('busybox mkdir /d; echo old >/d/kept');
    const entries = archive({ name: 'kept', content: 'new' }, { name, ...header } as Header);
    await expect(into(guest, '/d', entries)).rejects.toMatchObject({ code: 'bad-data' });
    expect(await names(guest, '/d')).toEqual(['kept']);
    expect(text(await outOf(guest, '/d/kept', true))).toBe('old\n');
  });

  it('gets an archive that writes through its own link into itself only', async () => {
    const folder = bait();
    const guest = await running('busybox mkdir /d');
    const through = archive({ name: 'way', type: 'symlink', linkname: folder }, { name: 'way/planted', content: 'x' });
    await into(guest, '/d', through).catch(() => {});
    intact();
  });

  it('is left as it was by a copy that is cut off, and what an engine left is swept away', async () => {
    const guest = await running(
      'busybox mkdir -p /d/.guesthouse-0123456789abcdef/x; echo old >/d/file; echo >/d/.guesthouse-other',
    );
    async function* broken() {
      yield Buffer.alloc(100_000, 'x');
      throw new Error('the sender is gone');
    }
    await expect(into(guest, '/d/file', broken(), true)).rejects.toThrow('the sender is gone');
    async function* half() {
      for await (const part of archive({ name: 'file', content: 'new' }, { name: 'b', content: 'x'.repeat(50_000) })) {
        yield (part as Buffer).subarray(0, 20_000);
        if (part.length > 20_000) throw new Error('the sender is gone');
      }
    }
    await expect(into(guest, '/d', half())).rejects.toThrow('the sender is gone');
    expect(await names(guest, '/d')).toEqual(['.guesthouse-other', 'file']);
    expect(text(await outOf(guest, '/d/file', true))).toBe('old\n');
  });
});

describe('files of a stopped container', () => {
  it('are not told apart from a volume that is not there', async () => {
    const shared = join(containers.paths.home, 'shared');
    mkdirSync(shared, { recursive: true });
    writeFileSync(join(shared, 'note'), 'from the host');
    const guest = await running(':', { mounts: [{ source: shared, target: '/data', readOnly: false }] });
    expect(text(await outOf(guest, '/data/note', true))).toBe('from the host');
    await into(guest, '/data/back', bytesOf('from outside'), true);
    expect(readFileSync(join(shared, 'back'), 'utf8')).toBe('from outside');
    await containers.driver.kill(guest);
    await containers.exit(guest);
    await expect(names(guest, '/data')).rejects.toMatchObject({ code: 'wrong-state' });
    await expect(into(guest, '/data/back', bytesOf('x'), true)).rejects.toMatchObject({ code: 'wrong-state' });
  });

  it('keep it from starting only while they are copied', async () => {
    const guest = await running(': >/big; busybox truncate -s 100M /big');
    await containers.driver.kill(guest);
    await containers.exit(guest);
    const { bytes } = await filesOf(guest).copyOut('/big', { raw: true, signal: never });
    await bytes.next();
    await expect(containers.driver.start(guest, operation())).rejects.toMatchObject({ code: 'busy' });
    await bytes.return(undefined);
    await names(guest, '/');
    await containers.driver.start(guest, operation());
    expect(mountsOf(guest)).toBe(1);
    expect(existsSync(join(guestFolder(containers.paths, guest.id), 'visited'))).toBe(false);
  });
});

it('starts a container whose files an engine looked at when it was killed', async () => {
  const guest = await running(':');
  await containers.driver.kill(guest);
  await containers.exit(guest);
  await containers.driver.reap(guest);
  const doomed = fileURLToPath(new URL('../fixtures/doomed-engine.ts', import.meta.url));
  const env = { ...process.env, GUESTHOUSE_HOME: containers.paths.home };
  const { signal } = spawnSync(process.execPath, [doomed, JSON.stringify(guest), 'visit'], { env });
  expect(signal).toBe('SIGKILL');
  const mark = join(guestFolder(containers.paths, guest.id), 'visited');
  expect(existsSync(mark)).toBe(true);
  await containers.house.close();
  await containers.driver.start(guest, operation());
  expect(mountsOf(guest)).toBe(1);
  expect(existsSync(mark)).toBe(false);
});

it('ends a copy when the container it comes from ends', async () => {
  const guest = await running(': >/big; busybox truncate -s 100M /big');
  const { bytes } = await filesOf(guest).copyOut('/big', { raw: true, signal: never });
  await bytes.next();
  await containers.driver.kill(guest);
  const rest = (async () => {
    for (let next = await bytes.next(); !next.done; next = await bytes.next());
  })();
  await expect(rest).rejects.toMatchObject({ code: 'wrong-state' });
});

it('leaves nothing behind', async () => {
  await containers.killAll();
  let found: string[] = [];
  await eventually(async () => {
    found = await containers.leftovers();
    return found.length === 0 ? true : null;
  }).catch(() => {});
  expect(found).toEqual([]);
});
