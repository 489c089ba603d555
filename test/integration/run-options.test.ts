/** What a person may ask of a container's run, with the real house, runtime and conmon. As root and as a user. */
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GuestSpec } from '../../engine/contract/guest.ts';
import type { GuestRecord } from '../../engine/drivers/driver.ts';
import { cgroupFolders } from '../../engine/drivers/oci/cgroup.ts';
import { type Containers, makeContainers, operation, reading, readOrEmpty } from '../fixtures/containers.ts';

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

async function logOf(guest: GuestRecord, only?: 'stdout' | 'stderr'): Promise<string> {
  const parts: Uint8Array[] = [];
  const request = { follow: false, tailLines: null, signal: new AbortController().signal };
  for await (const part of containers.driver.log(guest, request)) {
    if (only === undefined || part.channel === only) parts.push(part.bytes);
  }
  return Buffer.concat(parts).toString();
}

/** Runs a shell line to its end; what it wrote, with plain newlines. */
async function says(line: string, spec: Partial<GuestSpec> = {}): Promise<string> {
  const guest = containers.record({ command: ['sh', '-c', line], ...spec });
  await containers.up(guest);
  await containers.exit(guest);
  return (await logOf(guest)).replaceAll('\r\n', '\n');
}

const refusal = async (spec: Partial<GuestSpec>) => {
  const guest = containers.record({ command: ['true'], ...spec });
  const error = await containers.up(guest).then(
    () => null,
    (thrown) => thrown,
  );
  expect(await containers.leftovers(guest)).toEqual([]);
  return error;
};

describe('the program', () => {
  it('has its own entrypoint, user, folder and host name', async () => {
    const spec = {
      entrypoint: ['sh', '-c'],
      command: ['id -u; id -g; pwd; hostname; cat /etc/hosts; echo $HOSTNAME $HOME'],
    };
    const out = await says('', { ...spec, user: 'alice', workingDir: '/new/place', hostname: 'inn' });
    expect(out).toMatch(/^1000\n100\n\/new\/place\ninn\n/);
    expect(out).toContain('inn quiet-harbour');
    expect(out).toContain('inn /home/alice');
  });

  it.each(['nobody-here', 'alice:nobody-here', '../etc', '-1', '4294967295'])('is not run as %j', async (user) => {
    expect(await refusal({ user })).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^The image has no/),
    });
  });

  it('tells its output and its errors apart without a terminal', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'read go; tty; echo fine; echo wrong >&2'], tty: false });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    expect(main?.tty).toBe(false);
    const session = await reading(main);
    session.type('go\n');
    await session.ended();
    expect(session.seen).toMatchObject({ stdout: expect.stringContaining('fine\n'), stderr: 'wrong\n' });
    await containers.exit(guest);
    expect(await logOf(guest, 'stderr')).toBe('wrong\n');
    expect(await logOf(guest, 'stdout')).not.toContain('wrong');
  });

  it('is asked to end by its own signal, and gets others', async () => {
    const line =
      'trap "echo hup" HUP; trap "exit 4" QUIT; trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done';
    const guest = containers.record({ command: ['sh', '-c', line], stopSignal: 'SIGQUIT' });
    await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    await session.shows('ready');
    await containers.driver.signal?.(guest, 1);
    await session.shows('hup');
    await containers.restartEngine();
    await containers.driver.adopt(guest);
    await containers.driver.stop(guest, 10_000, operation());
    expect(await containers.exit(guest)).toMatchObject({ code: 4 });
  });
});

describe('where it begins', () => {
  /** Makes links in the image's own root through the guest's upper folder, as a hostile image has them. */
  const withLinks = async (workingDir: string) => {
    const guest = containers.record({ command: ['pwd'], workingDir });
    await containers.driver.create(guest, operation());
    const upper = join(containers.paths.guests, guest.id, 'upper');
    symlinkSync('/proc/self/fd/7', join(upper, 'to-proc'));
    symlinkSync('../../../../../../etc', join(upper, 'to-etc'));
    symlinkSync('/nowhere/at/all', join(upper, 'dangling'));
    symlinkSync('round', join(upper, 'round'));
    return guest;
  };

  it.each([
    ['/to-etc', '/etc'],
    ['/to-etc/fresh', '/etc/fresh'],
    ['/a/../b//c/', '/b/c'],
  ])('%s is %s', async (workingDir, seen) => {
    const guest = await withLinks(workingDir);
    await containers.driver.start(guest, operation());
    await containers.exit(guest);
    expect(await logOf(guest)).toBe(`${seen}\r\n`);
  });

  it.each(['/to-proc', '/to-proc/cwd', '/dangling/x', '/round', '/etc/passwd', '/etc/passwd/x', '/proc/self/fd/8'])(
    '%s is refused',
    async (workingDir) => {
      const guest = await withLinks(workingDir);
      const act = operation();
      await expect(containers.driver.start(guest, act)).rejects.toMatchObject({
        code: 'invalid',
        message: `"${workingDir}" cannot be the working directory.`,
      });
      await act.undo.rollback(() => {});
      expect(await containers.leftovers(guest)).toEqual([]);
    },
  );
});

describe('its file systems', () => {
  it('are read-only where asked, with room in memory', async () => {
    const out = await says(
      'touch /x; touch /tmp/x && echo tmp; busybox stat -c %a /tmp; busybox df -m /tmp | busybox tail -1; touch /dev/shm/y && echo shm',
      { readOnlyRoot: true, tmpfs: [{ target: '/tmp', sizeMib: 3 }] },
    );
    expect(out).toContain('/x: Read-only file system');
    expect(out).toMatch(/tmp\n1777\ntmpfs +3 /);
    expect(out).toContain('shm');
  });

  it('give the files of a folder to its user', async () => {
    const folder = join(containers.paths.home, 'mine');
    mkdirSync(join(folder, 'sub'), { recursive: true });
    writeFileSync(join(folder, 'sub', 'file'), '');
    symlinkSync('/etc/passwd', join(folder, 'link'));
    const mounts = [{ source: folder, target: '/mine', readOnly: false, owned: true }];
    const out = await says('busybox stat -c %u:%g /mine /mine/sub/file; touch /mine/made && echo made', {
      user: 'alice',
      mounts,
    });
    expect(out).toBe('1000:100\n1000:100\nmade\n');
    expect(statSync('/etc/passwd').uid).toBe(0);
    // Back to root, so that whoever runs this can remove it.
    expect(await says('busybox stat -c %u /mine/made', { mounts })).toBe('0\n');
  });

  it('never gives away what the host lives in', async () => {
    const mounts = [{ source: '/tmp', target: '/t', readOnly: false, owned: true }];
    expect(await refusal({ user: 'alice', mounts })).toMatchObject({ code: 'denied', subject: '/tmp' });
  });

  it.runIf(isRoot)('show its control groups, read-only', async () => {
    const out = await says('cd /sys/fs/cgroup; ls; for dir in . *; do mkdir $dir/x 2>/dev/null && echo made; done');
    expect(out).not.toContain('made');
    expect(out).toMatch(/memory|cgroup\.procs|pids/);
    expect(
      await says('cat /sys/fs/cgroup/memory*/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null'),
    ).toMatch(/^\d+\n$/);
  });

  it('hold the devices it was given', async () => {
    const devices = [{ source: '/dev/zero', target: '/dev/nought', access: 'rwm' }];
    expect(await says('head -c 3 /dev/nought | busybox od -An -tx1; ls -l /dev/nought', { devices })).toMatch(
      /^ 00 00 00\nc.*1, +5/,
    );
    expect(await refusal({ devices: [{ source: '/etc/passwd', target: '/dev/p', access: 'r' }] })).toMatchObject({
      code: 'invalid',
      message: '/etc/passwd is not a device.',
    });
    expect(await refusal({ devices: [{ source: '/dev/none-such', target: '/dev/p', access: 'r' }] })).toMatchObject({
      code: 'not-found',
    });
  });
});

describe('its rights', () => {
  const status = 'busybox grep -E "^(CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):" /proc/self/status | tr -d "\\t"';

  it.each([
    [{}, 'CapBnd:00000000800405fb', 'NoNewPrivs:0'],
    [{ capabilities: { add: [], drop: ['ALL'] } }, 'CapEff:0000000000000000', 'CapBnd:0000000000000000'],
    [
      { capabilities: { add: ['NET_RAW'], drop: ['ALL'] }, user: '1000' },
      'CapEff:0000000000002000',
      'CapAmb:0000000000002000',
    ],
    [{ noNewPrivileges: true }, 'NoNewPrivs:1', 'Seccomp:2'],
    [{ seccomp: 'unconfined' }, 'Seccomp:0', 'CapAmb:0000000000000000'],
  ])('%j', async (spec, ...expected) => {
    const out = await says(status, spec);
    for (const line of expected) expect(out).toContain(line);
  });

  it('are all there are, when asked', async () => {
    const out = await says(status, { capabilities: { add: ['ALL'], drop: ['SYS_BOOT'] } });
    const bounding = BigInt(`0x${/CapBnd:([0-9a-f]+)/.exec(out)?.[1]}`);
    expect(bounding & (1n << 21n)).not.toBe(0n);
    expect(bounding & (1n << 22n)).toBe(0n);
  });

  it('include no mounts and no namespaces but with the capability for it', async () => {
    const line = 'busybox mount -t tmpfs t /tmp && echo mounted; busybox unshare -m true && echo apart';
    const plain = await says(`mkdir /tmp; ${line}`);
    expect(plain).not.toMatch(/mounted|apart/);
    expect(await says(`mkdir /tmp; ${line}`, { capabilities: { add: ['SYS_ADMIN'], drop: [] } })).toMatch(
      /mounted\napart/,
    );
  });

  it('follow a profile of one’s own', async () => {
    const path = join(containers.paths.home, 'profile.json');
    const syscalls = [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }];
    writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', archMap: null, syscalls }));
    expect(await says('mkdir /d', { seccomp: path })).toContain('Permission denied');
    writeFileSync(path, '{"defaultAction": "ALLOW"}');
    expect(await refusal({ seccomp: path })).toMatchObject({ code: 'bad-data', subject: path });
    expect(await refusal({ seccomp: '/no/such.json' })).toMatchObject({ code: 'not-found' });
  });

  it('let it ping: with a socket for everybody, or with the capability as root', async () => {
    const range = 'cat /proc/sys/net/ipv4/ping_group_range';
    const ping = 'busybox ping -c 1 -W 2 127.0.0.1';
    expect(await says(range, { user: 'alice' })).toMatch(/^0\t65535\n/);
    expect(await says(ping)).toContain('permission denied');
    const capabilities = { add: ['NET_RAW'], drop: [] };
    expect(await says(ping, { capabilities, user: 'alice' })).toContain('1 packets received');
  });

  it('are kept by a program run in it later', async () => {
    const guest = containers.record({
      command: ['sleep', '60'],
      user: 'alice',
      workingDir: '/work/here',
      capabilities: { add: [], drop: ['ALL'] },
      ulimits: [{ name: 'nofile', soft: 50, hard: 60 }],
      noNewPrivileges: true,
    });
    await containers.up(guest);
    const request = { tty: false, columns: 80, rows: 24, user: null, env: [] };
    const line = `id -u; pwd; ulimit -Hn; ${status}`;
    const session = await reading(await containers.driver.exec(guest, { ...request, command: ['sh', '-c', line] }));
    expect(await session.ended()).toBe(0);
    expect(session.seen.stdout).toMatch(/^1000\n\/work\/here\n60\n[\s\S]*CapBnd:0000000000000000[\s\S]*NoNewPrivs:1/);
  });
});

describe('its limits', () => {
  it('are the asked ones for open files, processes and the core', async () => {
    const ulimits = [
      { name: 'nofile', soft: 100, hard: 200 },
      { name: 'core', soft: 0, hard: 0 },
    ];
    expect(await says('ulimit -n; ulimit -Hn; ulimit -c', { ulimits })).toBe('100\n200\n0\n');
  });

  it('are never above what can be given', async () => {
    const error = await refusal({ ulimits: [{ name: 'nofile', soft: 10, hard: 2_000_000_000 }] });
    expect(error).toMatchObject({ code: 'resources', subject: 'nofile' });
  });

  it.runIf(isRoot)('change while it runs', async () => {
    const guest = containers.record({
      command: ['sh', '-c', 'x=$(head -c 20000000 /dev/zero | tr "\\0" x); echo big; sleep 60; true'],
      memoryMib: 128,
    });
    const { pid } = await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    await (await reading(main)).shows('big');
    const folders = cgroupFolders(pid, guest.id);
    const unified = folders?.get('unified');
    const value = (controller: string, v1: string, v2: string) =>
      readOrEmpty(unified ? join(unified, v2) : join(folders?.get(controller) ?? '', v1)).trim();
    const io = {
      readBytesPerSecond: 1_000_000,
      writeBytesPerSecond: null,
      readOpsPerSecond: null,
      writeOpsPerSecond: null,
    };
    await containers.driver.update?.(guest, { cpus: 0.25, memoryMib: 256, pidsLimit: 17, io });
    expect(value('memory', 'memory.limit_in_bytes', 'memory.max')).toBe(String(256 * 1024 * 1024));
    expect(value('cpu', 'cpu.cfs_quota_us', 'cpu.max')).toMatch(/^25000( 100000)?$/);
    expect(value('pids', 'pids.max', 'pids.max')).toBe('17');
    expect(value('blkio', 'blkio.throttle.read_bps_device', 'io.max')).toMatch(/1000000/);
    await expect(containers.driver.update?.(guest, { pidsLimit: 5, memoryMib: 12 })).rejects.toMatchObject({
      code: 'resources',
      message: expect.stringMatching(/^The guest uses \d+ MiB of memory, so it cannot be limited to 12 MiB now\.$/),
    });
    expect(value('pids', 'pids.max', 'pids.max')).toBe('17');
  });

  it.runIf(isRoot)('hold back its processes and its disk', async () => {
    const io = {
      readBytesPerSecond: null,
      writeBytesPerSecond: 3_000_000,
      readOpsPerSecond: 100,
      writeOpsPerSecond: null,
    };
    const guest = containers.record({
      command: ['sh', '-c', 'read go; sleep 9 & sleep 9 & sleep 9 & sleep 9 & sleep 9'],
      pidsLimit: 3,
      io,
    });
    const { notes, pid } = await containers.up(guest);
    const folders = cgroupFolders(pid, guest.id);
    const blkio = folders?.get('unified') ?? folders?.get('blkio') ?? '';
    expect(readOrEmpty(join(blkio, 'blkio.throttle.write_bps_device')) + readOrEmpty(join(blkio, 'io.max'))).toMatch(
      /3000000/,
    );
    expect(notes.join()).toMatch(folders?.has('unified') ? /^$/ : /^Disk limits hold for direct/);
    const [main] = await containers.driver.endpoints(guest);
    const session = await reading(main);
    session.type('go\n');
    await session.shows("can't fork");
  });

  it.runIf(isRoot)('end it in words when it ran out of memory under an init', async () => {
    const guest = containers.record({
      command: ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=100M'],
      memoryMib: 24,
      init: true,
    });
    await containers.up(guest);
    expect(await containers.exit(guest)).toMatchObject({ code: 137, outOfMemory: true });
  });
});

describe('a small init', () => {
  it('is process 1, reaps, passes signals on, and leaves the root as it is', async () => {
    const line = 'trap "exit 6" TERM; (sleep 0.1 &) ; echo me $$; while :; do sleep 0.05; done';
    const guest = containers.record({ command: ['sh', '-c', line], init: true, readOnlyRoot: true });
    const { pid } = await containers.up(guest);
    const [main] = await containers.driver.endpoints(guest);
    await (await reading(main)).shows(/me [2-9]/);
    expect(readOrEmpty(`/proc/${pid}/cmdline`)).toMatch(/^\/dev\/guesthouse-init/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const children = readOrEmpty(`/proc/${pid}/task/${pid}/children`).trim().split(' ');
    expect(children).toHaveLength(1);
    await containers.driver.stop(guest, 10_000, operation());
    expect(await containers.exit(guest)).toMatchObject({ code: 6 });
  });

  it('does not hide that there is no such program', async () => {
    expect(await refusal({ command: ['no-such-program'], init: true })).toMatchObject({
      code: 'not-found',
      message: 'The command `no-such-program` was not found in the image busybox:latest.',
    });
  });
});

it('leaves nothing behind', async () => {
  await expect.poll(() => containers.leftovers(), { timeout: 10_000, interval: 50 }).toEqual([]);
});
