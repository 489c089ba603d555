/**
 * The virtio-serial ports of further programs in a guest. They come and go with their programs, on a device that every
 * machine with an init of ours has from the start (argv/consoles.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import { MAX_PORTS, PORTS_BUS } from '../argv/consoles.ts';
import type { KeptLine } from '../argv/plan.ts';
import { pluggedDevices } from '../hotplug.ts';
import type { Qmp } from '../qmp/client.ts';

/** One port of a program: what QEMU and the host call it, and what the guest does. */
export interface SessionPort {
  /** QEMU's name of the device and of the chardev, and the FIFOs' in QEMU's working folder. */
  readonly name: string;
  readonly guestName: string;
}

/** A line whose device went is let go of within this (ms). */
const LET_GO_MS = 5_000;
const LOOK_MS = 20;
const PREFIX = /^(session|errors)-[0-9a-f]{8}$/;

/** A program with a terminal has one port, one without has a second for its errors. */
export function portsOf(id: string, tty: boolean): readonly SessionPort[] {
  const kinds = tty ? ['session'] : ['session', 'errors'];
  return kinds.map((kind) => ({ name: `${kind}-${id}`, guestName: `guesthouse.${kind}.${id}` }));
}

/** Throws `resources` when the guest runs too many programs already. What was added before a failure stays: unplug. */
export async function plugPorts(qmp: Qmp, ports: readonly SessionPort[]): Promise<void> {
  for (const { name, guestName } of ports) {
    await qmp.execute('chardev-add', { id: name, backend: { type: 'pipe', data: { device: name } } });
    const device = { driver: 'virtserialport', id: name, chardev: name, name: guestName, bus: `${PORTS_BUS}.0` };
    await qmp.execute('device_add', device).catch((error: GuesthouseError) => {
      if (/maximum.*port|port.*limit|max_ports/i.test(String(error.cause))) throw tooMany(error);
      if (/Bus .* not found/.test(String(error.cause))) throw tooOld(error);
      throw error;
    });
  }
}

/** Idempotent. */
export async function unplugPorts(qmp: Qmp, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await qmp.execute('device_del', { id: name }).catch(unlessGone);
    await removeLine(qmp, name);
  }
}

/** QEMU lets go of it a moment after the device went. */
async function removeLine(qmp: Qmp, name: string): Promise<void> {
  for (const until = performance.now() + LET_GO_MS; ; await sleep(LOOK_MS)) {
    try {
      await qmp.execute('chardev-remove', { id: name });
      return;
    } catch (error) {
      const { code, cause } = error as GuesthouseError;
      if (code !== 'guest-failed') throw error;
      if (!/busy/i.test(String(cause)) || performance.now() > until) return;
    }
  }
}

/** Names of all that QEMU still has, whoever made them: devices, and lines whose device is gone. */
export async function pluggedPorts(qmp: Qmp): Promise<string[]> {
  const lines = (await qmp.execute('query-chardev')) as { label: string }[];
  const all = [...(await pluggedDevices(qmp)), ...lines.map(({ label }) => label)];
  return [...new Set(all)].filter((name) => PREFIX.test(name));
}

/** Those that QEMU has, with their numbers. */
export async function pluggedLines(qmp: Qmp): Promise<KeptLine[]> {
  const names = (await pluggedDevices(qmp)).filter((name) => PREFIX.test(name));
  const number = async (name: string) =>
    Number(await qmp.execute('qom-get', { path: `/machine/peripheral/${name}`, property: 'nr' }));
  return Promise.all(names.map(async (name) => ({ name, nr: await number(name) })));
}

/** Which program's a port is. */
export const idOfPort = (name: string) => name.slice(name.indexOf('-') + 1);

function unlessGone(error: GuesthouseError): void {
  if (error.code !== 'guest-failed') throw error;
}

function tooMany(error: GuesthouseError): GuesthouseError {
  return new GuesthouseError({
    code: 'resources',
    message: `The machine runs too many programs from outside: it has ${MAX_PORTS - 2} lines to them.`,
    subject: 'exec',
    cause: String(error.cause),
    hint: 'Close a shell. A program without a terminal takes two lines.',
  });
}

function tooOld(error: GuesthouseError): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: 'The machine was started by an older version, which had no exec for machines.',
    subject: 'exec',
    cause: String(error.cause),
    hint: 'Restart it.',
  });
}
