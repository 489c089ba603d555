/** A machine on a named network, and how QEMU itself is kept apart: on real QEMU, as root and as an ordinary user. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Guest } from '../../engine/contract/guest.ts';
import { machineCgroups } from '../../engine/drivers/qemu/cgroup.ts';
import { machinePaths, readRun } from '../../engine/drivers/qemu/run-record.ts';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { until } from '../fixtures/home.ts';

const MAC = '52:54:00:12:34:56';
const serves = (word: string) => ['sh', '-c', `echo from-${word} >/index.html; exec httpd -f -p 80 -h /`];

let home: EngineHome;
let machine: Guest;
beforeAll(async () => {
  home = await makeEngineHome();
  await home.call('networks.create', { draft: { name: 'lab' } });
  const shared = { image: 'busybox', network: 'lab' };
  const draft = { ...shared, name: 'web', isolation: 'vm', memoryMib: 128, command: serves('machine') } as const;
  const made = await home.call('guests.create', { draft });
  expect(made.mac).not.toBe(MAC);
  await home.call('guests.update', { guest: 'web', change: { macAddress: MAC } });
  machine = await home.call('guests.start', { guest: 'web' });
  const command = serves('container');
  await home.call('guests.create', { draft: { ...shared, name: 'box', isolation: 'container', command } });
  await home.call('guests.start', { guest: 'box' });
});
afterAll(() => home?.end());

const page = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) }).then(
    (answer) => answer.text(),
    () => null,
  );

test('a machine and a container on one network find each other by name, both ways', async () => {
  await until(async () => (await home.inside('box', 'wget -qO- http://web/')) === 'from-machine\n', 60_000);
  expect(await home.inside('web', 'wget -qO- http://box/')).toBe('from-container\n');
  expect(await home.inside('web', 'wget -qO- http://nobody-of-that-name/ 2>&1')).toMatch(/bad address/);
});

test('a machine has the hardware address it was given, and the address that is said of it', async () => {
  expect((await home.guest('web')).mac).toBe(MAC);
  expect(await home.inside('web', 'cat /sys/class/net/eth0/address')).toBe(`${MAC}\n`);
  expect(machine.address).toMatch(/^10\./);
  expect(await home.inside('web', 'ip -4 addr show eth0')).toContain(` ${machine.address}/`);
  expect((await home.call('guests.list', {})).find(({ name }) => name === 'web')?.address).toBe(machine.address);
});

test('its ports open, change and close while it runs', async () => {
  const open = async (ports: readonly { hostPort: number; guestPort: number }[]) => {
    const rules = ports.map((one) => ({ hostIp: '127.0.0.1', protocol: 'tcp' as const, ...one }));
    const guest = await home.call('guests.update', { guest: 'web', change: { ports: rules } });
    expect(guest).toMatchObject({ state: 'running', startedAt: machine.startedAt });
    return guest.ports.map(({ hostPort }) => hostPort);
  };
  const [first = 0] = await open([{ hostPort: 0, guestPort: 80 }]);
  await until(async () => (await page(first)) === 'from-machine\n');
  const [same, second = 0] = await open([
    { hostPort: first, guestPort: 80 },
    { hostPort: 0, guestPort: 80 },
  ]);
  expect(same).toBe(first);
  await until(async () => (await page(second)) === 'from-machine\n');
  await open([{ hostPort: second, guestPort: 80 }]);
  await until(async () => (await page(first)) === null);
  expect(await page(second)).toBe('from-machine\n');
  await open([]);
  await until(async () => (await page(second)) === null);
});

test('QEMU runs in its sandbox without any right, and as root in a group of its own', async () => {
  const pid = (await readRun(machinePaths(home.paths, machine.id)))?.qemu.pid;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
  // A filter, in every thread that is there.
  expect(field('Seccomp')).toBe('2');
  expect(field('NoNewPrivs')).toBe('1');
  for (const set of ['CapEff', 'CapPrm', 'CapInh', 'CapAmb']) expect(field(set)).toBe('0000000000000000');
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const folders = machineCgroups(machine.id);
  expect(folders.length > 0).toBe(process.getuid?.() === 0);
  for (const folder of folders) expect(readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n')).toContain(`${pid}`);
  expect(groups.includes(`/guesthouse/${machine.id}`)).toBe(folders.length > 0);
});
