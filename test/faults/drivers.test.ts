/** Drivers when processes are killed at the worst moment, files are damaged, disks are full. As root and as a user. */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GuestRecord } from '../../engine/drivers/driver.ts';
import { cgroupFolders } from '../../engine/drivers/oci/cgroup.ts';
import { REPORT_MAX_BYTES } from '../../engine/drivers/qemu/agent.ts';
import { DISK_FULL_NOTE } from '../../engine/drivers/qemu/live.ts';
import { machinePaths } from '../../engine/drivers/qemu/run-record.ts';
import { findStrays } from '../../engine/drivers/qemu/strays.ts';
import { guestFolder } from '../../engine/host/paths.ts';
import { run } from '../../engine/host/process.ts';
import { ended, processRef } from '../../engine/host/process-ref.ts';
import { type Containers, makeContainers, operation } from '../fixtures/containers.ts';
import { until } from '../fixtures/home.ts';
import { type Machines, makeMachines, operationContext } from '../fixtures/machines.ts';

const isRoot = process.getuid?.() === 0;
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of ours to its end. */
function play(argv: readonly string[], env: Record<string, string> = {}, timeoutMs = 30_000): Promise<Ended> {
  const [command, ...args] = argv as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, timeout: timeoutMs, killSignal: 'SIGABRT' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Starts the guest with an engine that is killed in the middle. */
async function startAndDie(home: string, guest: GuestRecord, step = ''): Promise<void> {
  const argv = [process.execPath, fixture('doomed-engine'), JSON.stringify(guest), step];
  const { signal, stderr } = await play(argv, { GUESTHOUSE_HOME: home });
  expect({ signal, stderr }).toMatchObject({ signal: 'SIGKILL' });
}

describe('containers', () => {
  let containers: Containers;
  beforeAll(async () => {
    containers = makeContainers();
    await containers.house.ensure();
  });
  afterAll(() => containers?.end());

  it('a program that was made but not yet started when the engine was killed does not run', async () => {
    const guest = containers.record({ command: ['sh', '-c', 'exit 3'] });
    await containers.driver.create(guest, operation());
    await startAndDie(containers.paths.home, guest);
    expect(await containers.leftovers(guest)).not.toEqual([]);

    expect(await containers.driver.adopt(guest)).toBeNull();
    expect(await containers.driver.reap(guest)).toBeNull();
    expect(await containers.leftovers(guest)).toEqual([]);
    await containers.driver.start(guest, operation());
    expect(await containers.exit(guest)).toMatchObject({ code: 3 });
  });

  it('nothing is left of a run whose state the runtime lost, nor of the control groups a guest made', async () => {
    const guest = containers.record({ command: ['sleep', '1000'] });
    const { pid } = await containers.up(guest);
    const folders = cgroupFolders(pid, guest.id);
    const folder = folders?.get('unified') ?? folders?.get('memory');
    if (folder) mkdirSync(join(folder, 'inner'));
    rmSync(join(containers.paths.run, 'runtime', guest.id), { recursive: true });
    process.kill(pid, 'SIGKILL');
    await containers.exit(guest);
    await containers.driver.remove(guest);
    expect(await containers.leftovers(guest)).toEqual([]);
  });

  it('too few descriptors are not taken for an end, and a closed poller stays closed', async () => {
    const argv = ['prlimit', '--nofile=64:64', process.execPath, fixture('starved-poller')];
    const { code, stdout, stderr } = await play(argv, {}, 15_000);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { starvedAt, ...seen } = JSON.parse(stdout);
    expect(starvedAt).toBeGreaterThan(0);
    expect(seen).toEqual({ whileStarved: 0, ends: 1, refused: 'disconnected' });
  });
});

describe('machines', () => {
  let machines: Machines;
  beforeAll(async () => {
    machines = await makeMachines();
  });
  afterAll(() => machines?.end());

  const pathsOf = (guest: GuestRecord) => machinePaths(machines.paths, guest.id);

  it.each([
    ['it was spawned', 'QEMU', 'start'],
    ['it was spawned', 'QEMU', 'reap'],
    ['it was spawned', 'QEMU', 'remove'],
    ['it was written down', 'the watch', 'reap'],
    ['it was written down', 'the watch', 'remove'],
  ] as const)('a QEMU whose engine was killed as soon as %s (%s) is ended by %s', async (_, step, verb) => {
    const guest = machines.record({ command: ['sh', '-c', 'exit 3'] });
    await machines.driver.create(guest, operationContext());
    await startAndDie(machines.paths.home, guest, step);
    const files = pathsOf(guest);
    // For remove at any moment; otherwise when it holds the lock of the disk.
    if (verb !== 'remove') await until(() => readdirSync(files.room).includes('vnc.sock'));
    await until(() => findStrays(files).length > 0);
    const strays = findStrays(files);
    expect(await machines.driver.adopt(guest)).toBeNull();
    if (verb === 'start') {
      const act = operationContext();
      await machines.driver.start(guest, act);
      expect(await machines.exit(guest)).toMatchObject({ code: 3 });
    } else {
      await machines.driver[verb](guest);
    }
    for (const stray of strays) expect(await ended(stray, 100)).toBe(true);
    expect(findStrays(files)).toEqual([]);
  });

  it('QEMU has no rights, and a user of its own where the engine is root', async () => {
    const guest = machines.record({ command: ['sleep', '100'], network: 'nat' });
    const { pid } = await machines.up(guest);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^CapPrm:\s0+$/m);
    expect(status).toMatch(/^CapBnd:\s0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s1$/m);
    // Where the device for networks is root's alone, QEMU has to stay root's.
    if (isRoot && (statSync('/dev/net/tun').mode & 0o006) === 0o006) {
      const uid = Number(/^Uid:\s(\d+)/m.exec(status)?.[1]);
      expect(uid).toBeGreaterThan(1_879_048_191);
      const asQemu = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', 'cat'];
      for (const path of [join(guestFolder(machines.paths, guest.id), 'disk.qcow2'), pathsOf(guest).record]) {
        await expect(run([...asQemu, path])).rejects.toMatchObject({ cause: expect.stringContaining('denied') });
      }
    }
    await machines.driver.kill(guest);
    await machines.driver.reap(guest);
  });

  it('a guest can fill neither memory by its reports nor the log beyond its size', async () => {
    // Init holds the port open; taken from its driver and given back, it is free.
    const flood = `cd /sys/bus/virtio/drivers/virtio_console
      for device in virtio*; do echo $device >unbind; echo $device >bind; done
      sleep 1; for port in /dev/vport*; do yes "problem no end" >$port & done; sleep 4; echo flo""oded; sleep 100`;
    const guest = machines.record({ command: ['sh', '-c', flood] });
    await machines.up(guest);
    await (await machines.open(guest)).until(/flooded\r?\n/);
    const files = pathsOf(guest);
    expect(statSync(files.report).size).toBeGreaterThan(1_000);
    expect(statSync(files.report).size).toBeLessThanOrEqual(REPORT_MAX_BYTES);

    // As after a long time without an engine.
    await machines.driver.close();
    truncateSync(files.serialLog, 3 * 1024 ** 3);
    appendFileSync(files.serialLog, `\n${'more\n'.repeat(8)}one\ntwo\n`);
    await machines.restartEngine();
    const parts: Uint8Array[] = [];
    for await (const part of machines.driver.log(guest, {
      follow: false,
      tailLines: 4,
      signal: AbortSignal.timeout(9_000),
    }))
      parts.push(part.bytes);
    // The guest's own kernel may have said something since.
    expect(Buffer.concat(parts).toString()).toContain('one\ntwo\n');
    await machines.driver.adopt(guest);
    await until(() => statSync(files.serialLog).size < 1_000);
    expect(statSync(`${files.serialLog}.1`).size).toBe(8 * 1024 * 1024);

    const { qemu } = JSON.parse(readFileSync(files.record, 'utf8'));
    await machines.driver.stop(guest, 2_000, operationContext());
    expect(processRef(qemu.pid)).toBeNull();
    await machines.driver.reap(guest);
  });

  describe('a QEMU that dies at its start says why, at once', () => {
    /** The error, within two seconds of asking for the start. */
    async function failure(guest: GuestRecord): Promise<Error> {
      const act = operationContext();
      const began = performance.now();
      const error = await machines.driver.start(guest, act).then(
        () => new Error('it started'),
        (thrown) => thrown,
      );
      expect(performance.now() - began).toBeLessThan(2_000);
      await act.undo.rollback((_, thrown) => {
        throw thrown;
      });
      expect(findStrays(pathsOf(guest))).toEqual([]);
      expect(readdirSync(machines.paths.run)).not.toContain(guest.id);
      expect(machines.exits.filter(({ id }) => id === guest.id)).toEqual([]);
      return error;
    }
    const made = async (spec: Parameters<Machines['record']>[0] = {}) => {
      const guest = machines.record({ command: ['sleep', '100'], ...spec });
      await machines.driver.create(guest, operationContext());
      return guest;
    };

    it('a disk that is none', async () => {
      const guest = await made();
      const { disk } = pathsOf(guest);
      writeFileSync(disk, 'Dear diary, today I was a disk.\n');
      expect(await failure(guest)).toMatchObject({
        code: 'bad-data',
        subject: disk,
        cause: expect.stringMatching(/qcow2/),
      });
    });

    it('a disk that may not be opened', async () => {
      const guest = await made();
      const { disk } = pathsOf(guest);
      rmSync(disk);
      symlinkSync(disk, disk);
      expect(await failure(guest)).toMatchObject({ subject: disk });
    });

    it('a disk that another QEMU has', async () => {
      const first = await made();
      await machines.driver.start(first, operationContext());
      const second = await made();
      const { disk } = pathsOf(second);
      rmSync(disk);
      symlinkSync(pathsOf(first).disk, disk);
      expect(await failure(second)).toMatchObject({ code: 'conflict', subject: disk });
      await machines.driver.kill(first);
      await machines.driver.reap(first);
    });

    it('more memory than there is', async () => {
      const huge = await made({ memoryMib: 1024 * 1024 * 64 });
      expect(await failure(huge)).toMatchObject({ subject: 'memoryMib', code: 'resources' });
    });
  });

  it('a full disk of the host pauses the machine, says so, and loses nothing', async () => {
    const write = 'dd if=/dev/urandom of=/big bs=64k count=64 && sync && md5sum /big | md5sum -c - ; sync; exit 5';
    const guest = machines.record({ command: ['sh', '-c', write] });
    await machines.driver.create(guest, operationContext());
    // A small file system of the guest's own, in the house, where an ordinary user may make one too.
    const { house } = machines;
    const { disk } = pathsOf(guest);
    const folder = guestFolder(machines.paths, guest.id);
    const inHouse = (...words: string[]) => run([...house.enter({ network: false }), ...words]);
    copyFileSync(disk, join(machines.paths.home, 'copy'));
    await inHouse('mount', '-t', 'tmpfs', '-o', 'size=2m', 'none', folder);
    await inHouse('cp', join(machines.paths.home, 'copy'), disk);
    rmSync(disk);
    symlinkSync(`/proc/${house.pid}/root${disk}`, disk);

    await machines.driver.start(guest, operationContext());
    await until(() => machines.news.some(({ id }) => id === guest.id), 30_000);
    expect(machines.news.filter(({ id }) => id === guest.id)).toMatchObject([{ what: 'paused', why: DISK_FULL_NOTE }]);
    await machines.restartEngine();
    expect(await machines.driver.adopt(guest)).toMatchObject({
      paused: true,
      standsFor: DISK_FULL_NOTE,
    });

    await inHouse('mount', '-o', 'remount,size=64m', 'none', folder);
    await machines.driver.resume(guest);
    expect(await machines.exit(guest)).toMatchObject({ code: 5 });
    await machines.driver.reap(guest);
    await inHouse('umount', folder);
  });
});
