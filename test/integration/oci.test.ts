/** Containers with the real house, runtime and conmon. Passes as root and as an ordinary user. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { guestFolder, guestRunFolder } from '../../engine/host/paths.ts';
import {
  type Containers,
  eventually,
  makeContainers,
  operation,
  reading,
  readOrEmpty,
} from '../fixtures/containers.ts';

const isRoot = process.getuid?.() === 0;
let containers: Containers;

beforeAll(async () => {
  containers = makeContainers();
  await containers.house.ensure();
});
afterEach(() => containers.killAll());
afterAll(async () => {
  await containers?.end();
});

const isMount = (line: string) => line.startsWith('mount');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

async function logOf(guest: Parameters<Containers['exit']>[0], tailLines: number | null = null): Promise<string> {
  const parts: Uint8Array[] = [];
  const options = { follow: false, tailLines, signal: new AbortController().signal };
  for await (const part of containers.driver.log(guest, options)) parts.push(part.bytes);
  return text(Buffer.concat(parts));
}

describe('the life of a container', () => {
  it('is possible here', async () => {
    const [capability] = await containers.driver.capabilities();
    expect(capability).toMatchObject({ isolation: 'container', possible: true, reason: null });
    const findings = await containers.driver.doctor();
    expect(findings.map(({ id }) => id)).toEqual(['runtime', 'conmon', 'cgroup', 'overlay']);
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  });

  it.each([
    [['true'], 0],
    [['sh', '-c', 'exit 7'], 7],
    [['false'], 1],
  ])('ends with the code of %j', async (command, code) => {
    const guest = containers.record({ command });
    await containers.up(guest);
    const exit = await containers.exit(guest);
    expect(exit).toMatchObject({ code, signal: null, outOfMemory: false });
    expect(await containers.driver.reap(guest)).toEqual(exit);
    expect(containers.exits.filter(({ id }) => id === guest.id)).toHaveLength(1);
  });

  it('starts again after its end, with what it wrote', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'cat /kept; echo again >>/kept'] });
    await containers.up(guest);
    await containers.exit(guest);
    await containers.driver.start(guest, operation());
    await eventually(() => (containers.exits.filter(({ id }) => id === guest.id).length === 2 ? true : null));
    expect(await logOf(guest)).toContain('again');
  });

  it.each([
    [['no-such-command'], 'not-found', 'The command `no-such-command` was not found in the image busybox:latest.'],
    [['/etc/plain-file'], 'denied', 'The command `/etc/plain-file` in the image busybox:latest cannot be executed.'],
  ])('says so when the command is %j, and leaves nothing', async (command, code, message) => {
    const guest = containers.record({ command });
    await expect(containers.up(guest)).rejects.toMatchObject({ code, message });
    expect(await containers.leftovers(guest)).toEqual([]);
    expect(await containers.driver.adopt(guest)).toBeNull();
  });

  it('makes nothing before the wish to run it is written down, and leaves nothing when that fails', async () => {
    const guest = containers.record({ command: ['true'] });
    const act = operation();
    await containers.driver.create(guest, act);
    const wish = Promise.withResolvers<void>();
    wish.promise.catch(() => {});
    const start = containers.driver.start(guest, act, { intent: wish.promise });
    const failed = start.catch((error) => error.message);
    // conmon is there and waits, and so is the mount it waits beside: each in a moment, in no order.
    const isConmon = (line: string) => /^process .*conmon/.test(line);
    await eventually(async () => {
      const found = await containers.leftovers(guest);
      return found.some(isMount) && found.some(isConmon) ? true : null;
    });
    expect(existsSync(join(guestRunFolder(containers.paths, guest.id), 'config.json'))).toBe(false);
    wish.reject(new Error('no room to write it'));
    expect(await failed).toBe('no room to write it');
    await act.undo.rollback(() => {});
    expect(await containers.leftovers(guest)).toEqual([]);
  });

  it('that was cut off before its wish was written down is cleared away by the next engine', async () => {
    const guest = containers.record({ command: ['true'] });
    await containers.driver.create(guest, operation());
    const wish = Promise.withResolvers<void>();
    wish.promise.catch(() => {});
    const start = containers.driver.start(guest, operation(), { intent: wish.promise }).catch(() => {});
    await eventually(async () => ((await containers.leftovers(guest)).some(isMount) ? true : null));
    await containers.restartEngine();
    expect(await containers.driver.adopt(guest)).toBeNull();
    expect((await containers.leftovers(guest)).filter((line) => !line.startsWith('process'))).toEqual([]);
    // With its engine conmon's sign to go on would have ended, and conmon for want of a bundle.
    wish.reject(new Error('killed'));
    await start;
    await eventually(async () => ((await containers.leftovers(guest)).length === 0 ? true : null));
  });

  it('refuses a folder that is not there', async () => {
    const guest = containers.record({ mounts: [{ source: '/no/such/folder', target: '/data', readOnly: false }] });
    await expect(containers.up(guest)).rejects.toMatchObject({ code: 'not-found', subject: '/no/such/folder' });
  });

  it('sees folders of the host, read-only where asked', async () => {
    const shared = join(containers.paths.home, 'shared');
    mkdirSync(shared);
    writeFileSync(join(shared, 'note'), 'from the host');
    const guest = containers.record({
      command: ['sh', '-c', 'cat /rw/note /ro/note; touch /rw/made; touch /ro/not; ls /rw'],
      mounts: [
        { source: shared, target: '/rw', readOnly: false },
        { source: shared, target: '/ro', readOnly: true },
      ],
    });
    await containers.up(guest);
    await containers.exit(guest);
    const log = await logOf(guest);
    expect(log).toMatch(/from the hostfrom the host/);
    expect(log).toMatch(/\/ro\/not: Read-only file system/);
    expect(readOrEmpty(join(shared, 'made'), null)).toBe('');
  });

  it('stops a program that ignores SIGTERM after the grace', async () => {
    const guest = containers.record({
      command: ['sh', '-c', 'trap "" TERM; echo ready; while true; do sleep 0.1; done'],
    });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    await (await reading(main)).shows('ready');
    const before = Date.now();
    await containers.driver.stop(guest, 300, operation());
    expect(Date.now() - before).toBeGreaterThanOrEqual(290);
    expect(await containers.exit(guest)).toMatchObject({ code: 137, signal: 9, outOfMemory: false });
    expect(await containers.leftovers(guest)).toEqual([]);
  });

  it('stops a polite program at once', async () => {
    const guest = containers.record({
      command: ['sh', '-c', 'trap "exit 3" TERM; echo ready; while true; do sleep 0.05; done'],
    });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    await (await reading(main)).shows('ready');
    await containers.driver.stop(guest, 10_000, operation());
    expect(await containers.exit(guest)).toMatchObject({ code: 3, signal: null });
  });
});

describe('inside', () => {
  it('is apart from the host and holds few rights', async () => {
    const guest = containers.record({
      command: [
        'sh',
        '-c',
        'hostname; id -u; cat /proc/self/status /etc/hosts; ls /dev; ls /proc/kcore -l; touch /proc/sys/x; echo PIDS; ls -d /proc/[0-9]*',
      ],
    });
    await containers.up(guest);
    await containers.exit(guest);
    const log = await logOf(guest);
    expect(log).toMatch(/^quiet-harbour\r\n0\r\n/);
    expect(log).toContain('CapEff:\t00000000800405fb');
    expect(log).toContain('CapInh:\t0000000000000000');
    expect(log).toContain('NoNewPrivs:\t0');
    expect(log).toContain('Seccomp:\t2');
    expect(log).toContain('quiet-harbour');
    expect(log.split('PIDS')[1]).not.toMatch(/\/proc\/\d{3}/);
  });

  it('refuses new user namespaces and the kernel key ring', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'busybox unshare -U true; echo code $?'] });
    await containers.up(guest);
    await containers.exit(guest);
    expect(await logOf(guest)).toMatch(/Operation not permitted[\s\S]*code 1/);
  });

  it.runIf(isRoot)('limits processor, memory and processes', async () => {
    const guest = containers.record({ command: ['sleep', '60'], cpus: 0.5, memoryMib: 64 });
    const { notes, memoryBounded } = await containers.up(guest);
    expect({ notes, memoryBounded }).toEqual({ notes: [], memoryBounded: true });
    const group = (controller: string, file: string) =>
      readOrEmpty(`/sys/fs/cgroup/${controller}/guesthouse/${guest.id}/${file}`).trim();
    if (group('memory', 'memory.limit_in_bytes') !== '') {
      expect(group('memory', 'memory.limit_in_bytes')).toBe(String(64 * 1024 * 1024));
      expect(group('cpu', 'cpu.cfs_quota_us')).toBe('50000');
      expect(group('pids', 'pids.max')).toBe('4096');
    } else {
      expect(group('', 'memory.max')).toBe(String(64 * 1024 * 1024));
      expect(group('', 'cpu.max')).toBe('50000 100000');
    }
  });

  it.runIf(isRoot)('says when it ran out of memory', async () => {
    const guest = containers.record({ command: ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=100M'], memoryMib: 24 });
    await containers.up(guest);
    expect(await containers.exit(guest)).toMatchObject({ code: 137, outOfMemory: true });
  });

  it.runIf(!isRoot)('says when limits are not enforced', async () => {
    const guest = containers.record({ command: ['sleep', '60'] });
    const { notes, memoryBounded } = await containers.up(guest);
    const [capability] = await containers.driver.capabilities();
    expect(notes).toEqual(capability?.notes);
    // No figure is shown as a limit that is none.
    expect(memoryBounded).toBe(notes.length === 0);
  });

  it('counts what it uses', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'while true; do true; done'] });
    await containers.up(guest);
    const counters = await eventually(async () => {
      const now = containers.driver.counters(guest);
      return now && (now.cpuNs ?? 0) > 50_000_000 ? now : null;
    });
    expect(counters.memoryBytes).toBeGreaterThan(10_000);
    await containers.driver.kill(guest);
    expect(containers.driver.counters(guest)).toBeNull();
  });
});

describe('consoles', () => {
  it('types into the main terminal and resizes it', async () => {
    const guest = containers.record({ command: null });
    const { consoles } = await containers.up(guest);
    expect(consoles).toContain('main');
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    session.type('echo $((6*7)) $TERM\n');
    await session.shows('42 xterm-256color');
    main?.resize(123, 45);
    await new Promise((resolve) => setTimeout(resolve, 100));
    session.type('stty size\n');
    await session.shows('45 123');
    session.type('exit 5\n');
    expect(await session.ended()).toBe(5);
    expect(await containers.exit(guest)).toMatchObject({ code: 5 });
  });

  it('slows a program whose console is not read, without loss', async () => {
    const guest = containers.record({
      command: ['sh', '-c', 'sleep 0.3; yes 0123456789abcde | head -n 400000; echo over'],
    });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    main?.pause();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const held = session.seen.stdout.length;
    expect(containers.exits.some(({ id }) => id === guest.id)).toBe(false);
    main?.resume();
    await session.ended();
    expect(held).toBe(0);
    expect(session.seen.stdout.length).toBe(400_000 * 17 + 'over\r\n'.length);
  });

  it('keeps the outputs of an exec apart and ends its input', async () => {
    const guest = containers.record({ command: ['sleep', '60'] });
    await containers.up(guest);
    const endpoint = await containers.driver.exec(guest, {
      command: ['sh', '-c', 'cat; echo wrong >&2; exit 9'],
      tty: false,
      columns: 80,
      rows: 24,
      user: 'alice',
      env: ['GREETING=hello'],
    });
    const session = await reading(endpoint);
    session.type('typed');
    endpoint.endInput();
    expect(await session.ended()).toBe(9);
    expect(session.seen).toMatchObject({ stdout: 'typed', stderr: 'wrong\n' });

    const who = await containers.driver.exec(guest, {
      command: ['sh', '-c', 'id; echo $HOME $GREETING; cat /proc/self/status; pwd'],
      tty: false,
      columns: 80,
      rows: 24,
      user: 'alice',
      env: ['GREETING=hello'],
    });
    const answer = await reading(who);
    expect(await answer.ended()).toBe(0);
    expect(answer.seen.stdout).toMatch(/uid=1000.* gid=100.*groups=.*200/);
    expect(answer.seen.stdout).toContain('/home/alice hello');
    expect(answer.seen.stdout).toContain('CapEff:\t0000000000000000');
  });

  it.each([
    [['no-such'], 127, 'was not found'],
    [['/etc/plain-file'], 126, 'cannot be executed'],
  ])('ends an exec of %j with %i and a message', async (command, code, words) => {
    const guest = containers.record({ command: ['sleep', '60'] });
    await containers.up(guest);
    for (const tty of [false, true]) {
      const endpoint = await containers.driver.exec(guest, {
        command,
        tty,
        columns: 80,
        rows: 24,
        user: null,
        env: [],
      });
      const session = await reading(endpoint);
      expect(await session.ended()).toBe(code);
      expect(session.seen.stderr).toContain(words);
    }
  });

  it('opens the best shell in a terminal, and ends it when told', async () => {
    const guest = containers.record({ command: ['sleep', '60'] });
    await containers.up(guest);
    const shell = { command: [], tty: true, columns: 100, rows: 30, user: null, env: [] };
    const endpoint = await containers.driver.exec(guest, shell);
    expect(endpoint.title).toBe('sh');
    const session = await reading(endpoint);
    session.type('stty size; sleep 50 & echo $$\n');
    await session.shows('30 100');
    expect((await containers.driver.endpoints(guest)).map(({ id }) => id)).toEqual([`${guest.id}:main`, endpoint.id]);
    await containers.driver.endExec(guest, endpoint.id);
    expect(await session.ended()).toBe(137);
    expect((await containers.driver.endpoints(guest)).map(({ kind }) => kind)).toEqual(['main']);
  });
});

describe('pausing', () => {
  it('holds still, goes on, and can be stopped while paused', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'while true; do echo tick; sleep 0.05; done'] });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    await session.shows('tick');
    await containers.driver.pause(guest);
    await new Promise((resolve) => setTimeout(resolve, 150));
    const held = session.seen.stdout.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(session.seen.stdout.length).toBe(held);
    await containers.restartEngine();
    expect(await containers.driver.adopt(guest)).toMatchObject({ paused: true });
    await containers.driver.resume(guest);
    const [again] = await containers.driver.endpoints(guest);
    const later = await reading(again, false);
    await later.shows('tick');
    await containers.driver.pause(guest);
    await containers.driver.stop(guest, 200, operation());
    expect(await containers.exit(guest)).toMatchObject({ signal: expect.any(Number) });
    expect(await containers.leftovers(guest)).toEqual([]);
  });
});

describe('another engine', () => {
  it('meets a container and its exec sessions again, scrollback included', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'echo before; while read line; do echo got $line; done'] });
    const before = await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    await (await reading(main)).shows('before');
    const exec = await containers.driver.exec(guest, {
      command: ['sh'],
      tty: true,
      columns: 80,
      rows: 24,
      user: null,
      env: [],
    });
    const shell = await reading(exec);
    shell.type('echo shell-$((1+1))\n');
    await shell.shows('shell-2');
    await containers.restartEngine();

    expect(await containers.driver.adopt(guest)).toEqual(before);
    const endpoints = await containers.driver.endpoints(guest);
    expect(endpoints.map(({ id }) => id)).toEqual([`${guest.id}:main`, exec.id]);
    const session = await reading(endpoints[0]);
    expect(session.seen.stdout).toMatch(/^before\r\n/);
    session.type('word\n');
    await session.shows('got word');
    const shellAgain = await reading(endpoints[1]);
    expect(shellAgain.seen.stdout).toContain('shell-2');
    shellAgain.type('exit 4\n');
    expect(await shellAgain.ended()).toBe(4);
  });

  it('tells how an exec ended meanwhile, and what it said, once', async () => {
    const guest = containers.record({ command: ['sleep', '60'] });
    await containers.up(guest);
    const command = ['sh', '-c', 'echo said; sleep 0.5; exit 5'];
    const exec = await containers.driver.exec(guest, {
      command,
      tty: false,
      columns: 80,
      rows: 24,
      user: null,
      env: [],
    });
    await containers.restartEngine();
    const folder = join(guestRunFolder(containers.paths, guest.id), exec.id.slice(exec.id.indexOf(':') + 1));
    await eventually(() => readOrEmpty(join(folder, guest.id)) || null);
    const { conmon } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
    await eventually(() => (existsSync(`/proc/${conmon.pid}`) ? null : true));
    await containers.driver.adopt(guest);
    const ended = (await containers.driver.endpoints(guest)).find(({ id }) => id === exec.id);
    const session = await reading(ended);
    expect(await session.ended()).toBe(5);
    expect(session.seen.stdout).toBe('said\n');
    expect((await containers.driver.endpoints(guest)).map(({ kind }) => kind)).toEqual(['main']);
  });

  it('learns how a container ended meanwhile, and cleans up', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'sleep 0.5; exit 6'] });
    const { pid } = await containers.up(guest);
    await containers.restartEngine();
    await eventually(() => (readOrEmpty(`/proc/${pid}/stat`) === '' ? true : null));
    await eventually(() => readOrEmpty(join(guestRunFolder(containers.paths, guest.id), guest.id)) || null);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await containers.driver.adopt(guest)).toBeNull();
    expect(await containers.driver.reap(guest)).toMatchObject({ code: 6, signal: null });
    expect(await containers.leftovers(guest)).toEqual([]);
    expect(await containers.driver.reap(guest)).toBeNull();
  });

  it('does not call a container running whose monitor was killed', async () => {
    const guest = containers.record({ command: ['sleep', '60'] });
    const { pid } = await containers.up(guest);
    const run = JSON.parse(readFileSync(join(guestRunFolder(containers.paths, guest.id), 'run.json'), 'utf8'));
    process.kill(run.conmon.pid, 'SIGKILL');
    expect(await containers.exit(guest)).toMatchObject({ code: null, signal: null });
    await containers.driver.stop(guest, 100, operation());
    await eventually(() => (readOrEmpty(`/proc/${pid}/stat`) === '' ? true : null));
    expect(await containers.leftovers(guest)).toEqual([]);
  });
});

describe('logs', () => {
  it('answers the last lines, and follows to the end', async () => {
    const guest = containers.record({
      command: ['sh', '-c', 'echo a; echo b; echo c; read line; echo $line; echo -n open'],
    });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    await session.shows('c\r\n');
    expect(await logOf(guest, 2)).toBe('b\r\nc\r\n');
    const parts: string[] = [];
    const following = (async () => {
      const options = { follow: true, tailLines: 1, signal: new AbortController().signal };
      for await (const part of containers.driver.log(guest, options)) parts.push(text(part.bytes));
    })();
    await eventually(() => (parts.length > 0 ? true : null));
    session.type('typed\n');
    await following;
    expect(parts.join('')).toBe('c\r\ntyped\r\ntyped\r\nopen');
    expect(guestFolder(containers.paths, guest.id)).toContain(guest.id);
  });
});

it('leaves nothing behind', async () => {
  await eventually(async () => ((await containers.leftovers()).length === 0 ? true : null));
});
