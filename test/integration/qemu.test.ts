/** Machines with the real house and QEMU (under TCG where KVM does not work). As root and as an ordinary user. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISK_DEFAULTS } from '../../engine/contract/disk.ts';
import { CANDIDATES, probe } from '../../engine/drivers/qemu/accel.ts';
import { connectUnix } from '../../engine/drivers/qemu/connect.ts';
import { openQmp } from '../../engine/drivers/qemu/qmp/client.ts';
import { guestRunFolder } from '../../engine/host/paths.ts';
import { processRef } from '../../engine/host/process-ref.ts';
import { type Machines, makeMachines, operationContext } from '../fixtures/machines.ts';

/** Debian's package grub-rescue-pc; `GUESTHOUSE_TEST_ISO` for another one whose first screen is in text mode. */
const iso = [process.env.GUESTHOUSE_TEST_ISO ?? '', '/usr/lib/grub-rescue/grub-rescue-cdrom.iso'].find((path) =>
  existsSync(path),
);

const DATA = { ...DISK_DEFAULTS, name: 'data', sizeGib: 1 };

let machines: Machines;
beforeAll(async () => {
  machines = await makeMachines();
});
afterAll(async () => {
  await machines?.end();
});

it('is possible here, and says what executes', async () => {
  const [vm, microvm] = await machines.driver.capabilities();
  expect(vm).toMatchObject({ isolation: 'vm', possible: true });
  expect(vm?.engine).toMatch(/^QEMU \d/);
  expect(microvm).toMatchObject({ isolation: 'microvm', possible: process.arch === 'x64' });
  expect((await machines.driver.doctor()).map(({ id }) => id)).toEqual([
    'qemu',
    'qemu-img',
    'kvm',
    'uefi',
    'tpm',
    'architectures',
  ]);
});

describe.runIf(process.arch === 'x64')('a microVM', () => {
  it('is the same machine with fewer devices: network, ports, folders, disks, programs, limits; no screen', async () => {
    const source = join(machines.paths.home, 'micro');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'from the host');
    const port = 41_000 + (process.pid % 20_000);
    const guest = machines.record({
      isolation: 'microvm',
      command: ['sh'],
      memoryMib: 128,
      network: 'nat',
      ports: [{ hostIp: '127.0.0.1', hostPort: port, guestPort: 80, protocol: 'tcp' }],
      mounts: [{ source, target: '/data', readOnly: false }],
      disks: [DATA],
    });
    const running = await machines.up(guest);
    expect(running).toMatchObject({
      consoles: ['serial', 'log', 'exec'],
      machine: { firmware: 'none', video: 'none' },
    });
    const console = await machines.open(guest);
    await console.until(/# /);
    console.write(
      'cat /data/file; echo b""ack >/data/back; cat /sys/block/vdb/size; ls /sys/bus/pci/devices | wc -l\n',
    );
    expect(await console.until(/2097152\r\n0\r\n/)).toMatch(/^from the host/m);
    await expect
      .poll(() => existsSync(join(source, 'back')) && readFileSync(join(source, 'back'), 'utf8'))
      .toBe('back\n');
    console.write('printf "HTTP/1.0 200 OK\\r\\n\\r\\nhello" | nc -l -p 80 & sleep 1; echo ser""ving\n');
    await console.until(/serving/);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    await expect(machines.driver.screenshot?.(guest, { maxWidth: null })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(machines.driver.display?.(guest)).rejects.toMatchObject({
      message: expect.stringMatching(/no screen/),
    });

    const inUse = async () => machines.driver.counters(guest)?.guestMemoryBytes ?? 0;
    await expect.poll(inUse, { timeout: 40_000 }).toBeGreaterThan(1024 * 1024);

    await machines.restartEngine();
    expect(await machines.driver.adopt(guest)).toMatchObject({ pid: running.pid, consoles: ['serial', 'log', 'exec'] });
    const without = { ...guest.spec, disks: [{ ...DATA, attached: false }] };
    expect(machines.driver.needsRestart?.(guest, 'disks', without)).toBe(true);
    await machines.driver.stop(guest, 20_000, operationContext());
    expect((await machines.driver.reap(guest))?.code).toBeGreaterThan(0);
  });
});

describe('a machine from a rootfs image', () => {
  it('runs its command and reports its exit code', async () => {
    const guest = machines.record({ command: ['sh', '-c', 'echo "<$A>"; exit 42'], env: { A: "it's\nme" } });
    await machines.up(guest);
    expect(await machines.exit(guest)).toMatchObject({ code: 42, signal: null });
    expect(await machines.driver.reap(guest)).toMatchObject({ code: 42 });
    const parts: Uint8Array[] = [];
    const options = { follow: false, tailLines: 2, signal: new AbortController().signal };
    for await (const part of machines.driver.log(guest, options)) parts.push(part.bytes);
    expect(Buffer.concat(parts).toString()).toBe("<it's\r\nme>\r\n");
    expect(existsSync(guestRunFolder(machines.paths, guest.id))).toBe(false);
  });

  it('has a terminal, survives the engine, pauses, has a network, stops politely', async () => {
    const port = 20_000 + (process.pid % 20_000);
    const rule = { hostIp: '127.0.0.1', hostPort: port, guestPort: 80, protocol: 'tcp' as const };
    const guest = machines.record({ command: ['sh'], network: 'nat', ports: [rule] });
    const running = await machines.up(guest);
    expect(running).toMatchObject({ paused: false, consoles: ['serial', 'display', 'log', 'exec'] });
    const before = await machines.open(guest);
    await before.until(/# /);
    before.resize(100, 40);
    await sleep(500);
    before.write('stty size; echo mar""ked\n');
    expect(await before.until(/marked/)).toContain('40 100');

    // Nobody listens for a while; what is said then is in the scrollback.
    before.write('sleep 1; echo mean""while\n');
    await sleep(300);
    await machines.restartEngine();
    await sleep(2_000);
    const met = await machines.driver.adopt(guest);
    expect(met).toMatchObject({ pid: running.pid, paused: false });
    const after = await machines.open(guest);
    expect(await after.until(/meanwhile/)).toMatch(/40 100[\s\S]*marked[\s\S]*meanwhile/);

    await machines.driver.pause(guest);
    await machines.restartEngine();
    expect(await machines.driver.adopt(guest)).toMatchObject({ paused: true });
    await machines.driver.resume(guest);
    expect(machines.driver.counters(guest)?.cpuNs).toBeGreaterThan(0);

    const again = await machines.open(guest);
    again.write('printf "HTTP/1.0 200 OK\\r\\n\\r\\nhello" | nc -l -p 80 & sleep 1; echo ser""ving\n');
    await again.until(/serving/);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');

    await machines.driver.stop(guest, 20_000, operationContext());
    expect(processRef(running.pid)).toBeNull();
    // The shell was ended, not the machine switched off under it.
    expect((await machines.driver.reap(guest))?.code).toBeGreaterThan(0);
  });

  it('tells of a QEMU that was killed, and of one that answers nothing', async () => {
    const guest = machines.record({ command: ['sleep', '1000'] });
    const { pid } = await machines.up(guest);
    process.kill(pid, 'SIGSTOP');
    await expect(machines.driver.pause(guest)).rejects.toMatchObject({ code: 'timeout' });
    await machines.restartEngine();
    const began = performance.now();
    expect(await machines.driver.adopt(guest)).toMatchObject({ pid });
    expect(performance.now() - began).toBeLessThan(3_000);
    process.kill(pid, 'SIGKILL');
    expect(await machines.exit(guest)).toMatchObject({ code: null });
    expect(await machines.driver.adopt(guest)).toBeNull();
    await machines.driver.reap(guest);
  });

  it('shares a folder, read-only when asked', async () => {
    const source = join(machines.paths.home, 'shared');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'from the host');
    const guest = machines.record({
      command: ['sh', '-c', 'cat /data/file; mount -o remount,rw /data; touch /data/new || echo; echo refused'],
      mounts: [{ source, target: '/data', readOnly: true }],
    });
    await machines.up(guest);
    const console = await machines.open(guest);
    expect(await console.until(/refused/)).toContain('from the host');
    expect(existsSync(join(source, 'new'))).toBe(false);
    await machines.exit(guest);
  });
});

describe('a machine from an ISO', () => {
  it('shows the first screen', async (context) => {
    if (!iso) context.skip('no ISO here: package grub-rescue-pc');
    const guest = machines.record({ image: null, memoryMib: 256 }, { imageId: null, isoPath: iso as string });
    const { pid } = await machines.up(guest);
    const display = await machines.driver.display(guest);
    const hello = await new Promise<Buffer>((resolve) => display.once('data', resolve));
    expect(hello.toString()).toBe('RFB 003.008\n');
    display.destroy();
    // QEMU has one monitor connection, which the driver holds: let go of it for the picture.
    await machines.driver.close();
    const run = guestRunFolder(machines.paths, guest.id);
    const qmp = await openQmp(await connectUnix(join(run, 'qemu', 'qmp.sock')), { onEvent() {}, onClose() {} });
    // Text mode: characters and their colours from 0xb8000 on. The firmware's words are there before the medium's.
    let words = '';
    for (let tries = 0; tries < 80 && !/GRUB|Installer/.test(words); tries++) {
      await sleep(250);
      await qmp.execute('pmemsave', { val: 0xb8000, size: 4000, filename: 'text' }); // in QEMU's working folder
      const cells = readFileSync(join(run, 'qemu', 'text'));
      words = Buffer.from(cells.filter((_, index) => index % 2 === 0)).toString('latin1');
    }
    expect(words).toMatch(/GRUB|Installer/);
    await qmp.execute('screendump', { filename: 'screen.ppm' });
    const colours = countColours(readFileSync(join(run, 'qemu', 'screen.ppm')));
    qmp.close();
    expect(colours).toBeGreaterThan(1);
    await machines.restartEngine();
    expect(await machines.driver.adopt(guest)).toMatchObject({ pid });
    await machines.driver.kill(guest);
    expect(processRef(pid)).toBeNull();
  });
});

describe('bad luck', () => {
  it('an accelerator that hangs is not used', async () => {
    const script = join(machines.paths.home, 'hanging-qemu');
    writeFileSync(script, '#!/bin/sh\nexec sleep 60\n');
    chmodSync(script, 0o755);
    const found = await probe(CANDIDATES.linux, { path: script, version: '7' }, machines.paths.run, 300);
    expect(found).toMatchObject({ accelerator: 'tcg' });
    expect(found.reason).toContain('guests hang');
    rmSync(script);
  });

  it('one clear error when QEMU refuses, and nothing left', async () => {
    const guest = machines.record({ memoryMib: 1024 * 1024 * 64 });
    await expect(machines.up(guest)).rejects.toMatchObject({ code: expect.stringMatching(/resources|guest-failed/) });
    expect(existsSync(guestRunFolder(machines.paths, guest.id))).toBe(false);
    expect(await machines.driver.adopt(guest)).toBeNull();
  });

  it('refuses a disk smaller than the image', async () => {
    const guest = machines.record({ diskGib: 0.001 });
    await expect(machines.up(guest)).rejects.toMatchObject({ code: 'invalid', subject: 'diskGib' });
  });
});

/** Different colours of a binary PPM. */
function countColours(ppm: Buffer): number {
  const header = /^P6\s+\d+\s+\d+\s+255\s/.exec(ppm.toString('latin1', 0, 64))?.[0].length ?? 0;
  const seen = new Set<number>();
  for (let at = header; at + 2 < ppm.length && seen.size < 64; at += 3) seen.add(ppm.readUIntBE(at, 3));
  return seen.size;
}
