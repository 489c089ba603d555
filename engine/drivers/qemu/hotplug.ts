/** Devices put into and taken out of a machine that runs, in ports that wait for them (argv/ports.ts). */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Qmp } from './qmp/client.ts';

/** A guest's kernel lets go of a device within a second; an emulated, busy one may take longer (ms). */
const UNPLUG_TIMEOUT_MS = 20_000;
const LOOK_MS = 50;

/**
 * Puts a device into a free port. `id` is the device's name in QEMU. Throws `resources` when no port is free, and as
 * `execute` does; then nothing was added.
 */
export async function plug(qmp: Qmp, device: { driver: string; id: string } & Record<string, unknown>): Promise<void> {
  const port = await freePort(qmp);
  if (port === null) {
    throw new GuesthouseError({
      code: 'resources',
      message: 'The machine has no free slot for a further device.',
      subject: device.id,
      hint: 'Take out another device, or stop the machine first: it is given new slots when it starts.',
    });
  }
  await qmp.execute('device_add', { ...device, bus: port });
}

/**
 * Asks the guest to let go of a device and waits until it is out. Throws `timeout` when the guest does not, which is its
 * right; the device stays then. Nothing happens when there is none of that name.
 */
export async function unplug(qmp: Qmp, id: string, timeoutMs = UNPLUG_TIMEOUT_MS): Promise<void> {
  if (!(await isPlugged(qmp, id))) return;
  const until = performance.now() + timeoutMs;
  for (let askedAt = Number.NEGATIVE_INFINITY; ; ) {
    // A guest that is still booting does not hear it: asked again now and then.
    if (performance.now() - askedAt > 5_000) {
      askedAt = performance.now();
      await qmp.execute('device_del', { id }).catch((error: GuesthouseError) => {
        if (!/in the process of unplug|not found/.test(String(error.cause))) throw error;
      });
    }
    await sleep(LOOK_MS);
    if (!(await isPlugged(qmp, id))) return;
    if (performance.now() > until) {
      throw new GuesthouseError({
        code: 'timeout',
        message: 'The guest does not let go of the device.',
        subject: id,
        cause: `It was asked for ${timeoutMs / 1000} s; its system may still be starting, or not know how.`,
        hint: 'Unmount it in the guest and try again, or stop the guest first.',
      });
    }
  }
}

export async function isPlugged(qmp: Qmp, id: string): Promise<boolean> {
  return (await pluggedDevices(qmp)).includes(id);
}

/** Ids of all devices that have one. */
export async function pluggedDevices(qmp: Qmp): Promise<string[]> {
  return (await children(qmp, '/machine/peripheral')).map(({ name }) => name);
}

async function freePort(qmp: Qmp): Promise<string | null> {
  const buses = (await qmp.execute('query-pci')) as PciBus[];
  const ports = (await pluggedDevices(qmp))
    .filter((name) => /^port\d+$/.test(name))
    .sort((a, b) => Number(a.slice(4)) - Number(b.slice(4)));
  const devices = buses.flatMap((bus) => bus.devices);
  const taken = (name: string) =>
    (devices.find(({ qdev_id }) => qdev_id === name)?.pci_bridge?.devices?.length ?? 0) > 0;
  return ports.find((name) => !taken(name)) ?? null;
}

/** Ports for devices there are, and the port of each device that is in one. */
export async function placesOf(qmp: Qmp): Promise<{ ports: number; places: Record<string, number> }> {
  const number = (name: string | undefined) => /^port(\d+)$/.exec(name ?? '')?.[1];
  const plugged = await pluggedDevices(qmp);
  const buses = (await qmp.execute('query-pci')) as PciBus[];
  const places: Record<string, number> = {};
  for (const { qdev_id, pci_bridge } of buses.flatMap((bus) => bus.devices)) {
    const port = number(qdev_id);
    if (port !== undefined) for (const device of pci_bridge?.devices ?? []) places[device.qdev_id] = Number(port);
  }
  return { ports: plugged.filter((name) => number(name) !== undefined).length, places };
}

interface PciBus {
  readonly devices: readonly PciDevice[];
}
interface PciDevice {
  readonly qdev_id: string;
  readonly pci_bridge?: { readonly devices?: readonly PciDevice[] };
}

async function children(qmp: Qmp, path: string): Promise<{ name: string; type: string }[]> {
  return (await qmp.execute('qom-list', { path })) as { name: string; type: string }[];
}
