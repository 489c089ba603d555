/** Looks at a draft with everything it depends on: the host, the store, the other guests, the ports in use now. */
import { stat } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { DraftCheck, DraftProblem, GuestDraft } from '../contract/api.ts';
import { type ErrorShape, GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { GuestSpec, Isolation, PortRule } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import type { MachineSpec } from '../contract/machine.ts';
import type { Medium } from '../contract/medium.ts';
import type { Driver } from '../drivers/driver.ts';
import { hostDevices } from '../host/devices.ts';
import { anyFreePort, portState } from '../host/ports.ts';
import { detectFile } from '../images/import/detect.ts';
import { lookAtMedium } from '../images/medium/look.ts';
import type { ImageStore } from '../images/store.ts';
import { macOfGuest } from '../networks/mac.ts';
import type { NetworkStore } from '../networks/network-store.ts';
import { checkDisks } from './check-disks.ts';
import { withDefaults } from './defaults.ts';
import type { Neighbour } from './entry.ts';
import { keyOf, placeText } from './port-key.ts';
import { quote } from './quote.ts';
import { validate } from './validate.ts';
import { hostDeviceProblems } from './validate-host-devices.ts';

export interface CheckContext {
  readonly images: ImageStore;
  readonly guests: readonly Neighbour[];
  readonly networks?: Pick<NetworkStore, 'list'>;
  /** Key of a port -> name of the guest that is just being created. */
  readonly claimed: ReadonlyMap<string, string>;
  /** What the guest has already: what listens on its ports may be itself, and its disks and devices it uses itself. */
  readonly instead?: { readonly ports: readonly PortRule[]; readonly spec: GuestSpec };
  /** A machine that has its disk already. Left out: false. */
  readonly ownDisk?: boolean;
  driverFor(isolation: Isolation): Promise<Driver>;
}

const MIB = 1024 * 1024;

export async function checkDraft(draft: GuestDraft, context: CheckContext): Promise<DraftCheck> {
  const image = draft.image === undefined || draft.image === null ? null : find(context.images, draft.image);
  const { medium, problem } = await lookAt(draft, image ?? null, context.images);
  const spec = withDefaults(draft, image?.kind ?? null, medium, context.ownDisk);
  const driver = await context.driverFor(spec.isolation);
  const capabilities = await driver.capabilities();
  const takenPorts = new Map<string, string>(
    context.guests.flatMap((guest) => guest.ports.map((port) => [keyOf(port), guest.name] as const)),
  );
  for (const [port, name] of context.claimed) takenPorts.set(port, name);
  const problems = validate(spec, {
    cpus: availableParallelism(),
    memoryMib: Math.floor(totalmem() / MIB),
    capability: capabilities.find((capability) => capability.isolation === spec.isolation),
    image,
    takenNames: new Set(context.guests.map((guest) => guest.name)),
    takenPorts,
    ...(spec.macAddress === null ? {} : { takenMacs: macsOf(context.guests) }),
    ...(context.ownDisk ? { ownDisk: true } : {}),
    ...(context.networks ? { networks: new Map(context.networks.list().map(({ name, mode }) => [name, mode])) } : {}),
  });
  problems.push(...(await checkFiles(spec, context.images)));
  if (problem && !problems.some(({ field }) => field === problem.field)) problems.push(problem);
  if (spec.hostDevices.length > 0 && !problems.some(({ field }) => field.startsWith('hostDevices')))
    problems.push(...hostDeviceProblems(spec.hostDevices, context.instead?.spec.hostDevices ?? [], hostDevices()));
  const disks = checkDisks(
    spec.disks,
    { guests: context.guests, kept: context.instead?.spec.disks ?? [], find: (ref) => find(context.images, ref) },
    problems,
  );
  const ports = await choosePorts(spec.ports, takenPorts, problems, context.instead?.ports ?? []);
  const machine = medium && !context.instead ? machineFor(spec.machine, medium) : spec.machine;
  return { problems, spec: problems.length > 0 ? null : { ...spec, ports, disks, machine }, medium };
}

function macsOf(guests: readonly Neighbour[]): Map<string, string> {
  const placed = guests.filter(({ spec }) => spec.network !== 'none' && spec.network !== 'host');
  return new Map(placed.map((guest) => [macOfGuest(guest), guest.name]));
}

/** Devices for the system on the medium, where nobody chose; a guest that was made keeps what its first start found. */
function machineFor(machine: MachineSpec, { family }: Medium): MachineSpec {
  return machine.system === 'auto' && family !== 'other' ? { ...machine, system: family } : machine;
}

/** What is on the medium; a problem is only what its content says. */
async function lookAt(
  { isolation, iso }: GuestDraft,
  image: Image | null,
  images: ImageStore,
): Promise<{ medium: Medium | null; problem: DraftProblem | null }> {
  const none = { medium: null, problem: null };
  if (isolation === 'container') return none;
  try {
    const path = await isoPathOf(iso ?? null, image, images);
    return path === null ? none : { medium: await lookAtMedium(path), problem: null };
  } catch (error) {
    const shape = toErrorShape(error);
    if (shape.code !== 'bad-data') return none;
    const field = iso ? 'iso' : 'image';
    return { medium: null, problem: { field, error: { ...shape, subject: field } } };
  }
}

function find(images: ImageStore, ref: string): Image | undefined {
  try {
    return images.get(ref);
  } catch (error) {
    if (error instanceof GuesthouseError && error.code === 'not-found') return undefined;
    throw error;
  }
}

async function checkFiles(spec: GuestSpec, images: ImageStore): Promise<DraftProblem[]> {
  const problems: DraftProblem[] = [];
  if (spec.iso?.startsWith('/')) {
    const error = await isoProblem(spec.iso);
    if (error) problems.push({ field: 'iso', error });
  } else if (spec.iso && find(images, spec.iso)?.kind !== 'iso') {
    problems.push(noFile('iso', spec.iso));
  }
  for (const [index, mount] of spec.mounts.entries()) {
    if (!mount.source.startsWith('/')) continue;
    if (!(await stat(mount.source).catch(() => null))) problems.push(noFile(`mounts.${index}.source`, mount.source));
  }
  return problems;
}

/** What is wrong with a medium, by its content. */
async function isoProblem(path: string): Promise<ErrorShape | null> {
  try {
    const { kind } = await detectFile(path);
    if (kind === 'iso') return null;
  } catch (error) {
    const shape = toErrorShape(error);
    if (shape.code !== 'bad-data') return { ...shape, subject: 'iso' };
  }
  return {
    code: 'bad-data',
    message: `${quote(path)} is not an ISO medium.`,
    subject: 'iso',
    hint: 'Choose a bootable CD or DVD image; a disk is imported with `guesthouse image import`.',
  };
}

/** Of a path the end is what tells. */
const MAX_PATH_SHOWN = 300;

function noFile(field: string, path: string): DraftProblem {
  return {
    field,
    error: {
      code: 'not-found',
      message: `${quote(path, MAX_PATH_SHOWN)} is not there.`,
      subject: field,
      hint: 'Check the path; the engine runs as you and sees what you see.',
    },
  };
}

/** Replaces 0 by a free port, and refuses ports some other program of the host listens on now. */
async function choosePorts(
  rules: readonly PortRule[],
  taken: ReadonlyMap<string, string>,
  problems: DraftProblem[],
  kept: readonly PortRule[],
): Promise<PortRule[]> {
  const isKept = (rule: PortRule) =>
    kept.some(
      ({ hostIp, hostPort, protocol }) =>
        hostIp === rule.hostIp && hostPort === rule.hostPort && protocol === rule.protocol,
    );
  const used = new Set([...taken.keys()].map((key) => Number(key.split(' ')[1])));
  for (const rule of rules) if (rule.hostPort > 0) used.add(rule.hostPort);
  const chosen: PortRule[] = [];
  for (const [index, rule] of rules.entries()) {
    const field = `ports.${index}.hostPort`;
    if (problems.some((problem) => problem.field.startsWith(`ports.${index}.`))) continue;
    if (rule.hostPort === 0) {
      const port = await anyFreePort(rule.hostIp, used, rule.protocol);
      if (port === null) {
        const why = await portState(rule.hostIp, 0, rule.protocol);
        problems.push({ field, error: why === 'free' ? noneFree(field) : portProblem(rule, why) });
        continue;
      }
      used.add(port);
      chosen.push({ ...rule, hostPort: port });
      continue;
    }
    const state = isKept(rule) ? 'free' : await portState(rule.hostIp, rule.hostPort, rule.protocol);
    if (state === 'free') chosen.push(rule);
    else problems.push({ field, error: portProblem(rule, state) });
  }
  return chosen;
}

function noneFree(subject: string): ErrorShape {
  return { code: 'resources', message: 'No free port was found.', subject };
}

function portProblem(rule: PortRule, state: 'taken' | 'denied' | 'no-such-address') {
  const subject = placeText(rule);
  if (state === 'taken') {
    return {
      code: 'conflict',
      message: `Port ${rule.hostPort} is in use by another program of this host.`,
      subject,
      hint: 'Choose another host port, or 0 to have a free one chosen.',
    } as const;
  }
  if (state === 'denied') {
    return {
      code: 'denied',
      message: `Port ${rule.hostPort} may not be opened by an ordinary user.`,
      subject,
      hint: 'Choose a port from 1024 on.',
    } as const;
  }
  return {
    code: 'invalid',
    message: `${rule.hostIp} is not an address of this host.`,
    subject,
    hint: 'Use 127.0.0.1 (IPv6: ::1) for this host alone, or 0.0.0.0 (IPv6: ::) for every address.',
  } as const;
}

/** Where the medium is that the machine starts from: a file of the host, an ISO of the store, or the image itself. */
export async function isoPathOf(iso: string | null, image: Image | null, images: ImageStore): Promise<string | null> {
  if (iso === '') return null;
  if (iso !== null) return iso.startsWith('/') ? iso : images.iso(images.get(iso).id);
  return image?.kind === 'iso' ? images.iso(image.id) : null;
}
