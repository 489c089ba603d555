/** The host's devices that one start, or a change of a machine that runs, gives to it. */
import { type FileHandle, open } from 'node:fs/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { HostDevice, HostDeviceRef } from '../../../contract/host-device.ts';
import { hostDevices, usbNode, vfioNodes } from '../../../host/devices.ts';
import { DEVICE_WORDS, findHostDevice, hostDeviceProblem } from '../../../host/find-device.ts';
import { readPseudoFile } from '../../../metrics/pseudofile.ts';

export interface GivenDevices {
  /** Addresses: `bus.device`. */
  readonly usb: readonly string[];
  readonly pci: readonly string[];
  /** All of them, as the host lists them. */
  readonly devices: readonly HostDevice[];
  /** Files that QEMU itself opens. */
  readonly nodes: readonly string[];
  /** What is not there, as sentences. */
  readonly notes: readonly string[];
}

/**
 * A USB device that is not plugged in is left out, with a note: it may come later. Throws `not-found` and `unsupported` for
 * a PCI device that cannot be given, `denied` for a USB device that may not be opened, and `conflict` for one that another
 * guest has. `ownerOf`: that guest's name; of several devices alike a free one is given.
 */
export function givenDevices(
  asked: readonly HostDeviceRef[],
  root?: string,
  ownerOf: (device: HostDevice) => string | null = () => null,
): GivenDevices {
  if (asked.length === 0) return { usb: [], pci: [], devices: [], nodes: [], notes: [] };
  const all = hostDevices(root);
  const devices = all.filter((device) => ownerOf(device) === null);
  const given: HostDevice[] = [];
  const usb: string[] = [];
  const pci: string[] = [];
  const notes: string[] = [];
  const groups = new Set<number>();
  for (const ref of asked) {
    const left = devices.filter(({ bus, address }) => bus !== 'usb' || !usb.includes(address));
    const problem = hostDeviceProblem(ref, left);
    if (problem?.code === 'not-found') requireNobodyHas(ref, all, ownerOf);
    if (problem?.code === 'not-found' && ref.bus === 'usb') {
      notes.push(`The USB device ${ref.device} is not plugged in.`);
      continue;
    }
    if (problem) throw new GuesthouseError({ ...problem, subject: ref.device });
    const found = findHostDevice(ref, left);
    if (!found) continue;
    given.push(found);
    (ref.bus === 'usb' ? usb : pci).push(found.address);
    if (found.iommuGroup !== null) groups.add(found.iommuGroup);
  }
  return { usb, pci, devices: given, nodes: [...new Set([...groups].flatMap(vfioNodes))], notes };
}

function requireNobodyHas(
  ref: HostDeviceRef,
  all: readonly HostDevice[],
  ownerOf: (device: HostDevice) => string | null,
): void {
  const taken = findHostDevice(
    ref,
    all.filter((device) => ownerOf(device) !== null),
  );
  if (!taken) return;
  const owner = ownerOf(taken);
  throw new GuesthouseError({
    code: 'conflict',
    message: `${owner} has the ${DEVICE_WORDS[ref.bus]} ${ref.device} (${taken.name}) now.`,
    subject: ref.device,
    hint: `Stop ${owner}, or take the device from it, first.`,
  });
}

/** Opens the device's file. Throws `denied` or `not-found`. */
export async function openUsb(address: string, root?: string): Promise<{ file: FileHandle; path: string }> {
  const path = usbNode(address, root);
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    throw new GuesthouseError({
      code: error.code === 'ENOENT' ? 'not-found' : 'denied',
      message: `The USB device ${address} cannot be opened.`,
      subject: path,
      cause: error.message,
      hint: 'See `guesthouse devices`.',
    });
  });
  return { file, path };
}

const MIB = 1024 * 1024;
/** What the devices' own memory, and QEMU's beside the guest's, may take (MiB). */
const BESIDE_MIB = 512;

/**
 * Words before QEMU's command line: a PCI device reaches all of the guest's memory, so all of it is locked. Throws
 * `unsupported` where the limit of that is lower and not ours to raise. Pure but for `limits`.
 */
export function lockedMemory(
  memoryMib: number,
  limits = readPseudoFile('/proc/self/limits') ?? '',
  isRoot = process.getuid?.() === 0,
): string[] {
  const [, soft = 'unlimited', hard = 'unlimited'] = /^Max locked memory\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  const bytes = (memoryMib + BESIDE_MIB) * MIB;
  const holds = (limit: string) => limit === 'unlimited' || Number(limit) >= bytes;
  if (holds(soft)) return [];
  if (holds(hard)) return ['prlimit', `--memlock=${bytes}:${hard}`];
  if (isRoot) return ['prlimit', `--memlock=${bytes}:${bytes}`];
  throw new GuesthouseError({
    code: 'unsupported',
    message: 'A machine with a PCI device of the host has to lock all of its memory, which your account may not.',
    subject: 'hostDevices',
    cause: `The limit is ${hard} bytes; ${bytes} are needed.`,
    hint: 'Raise `memlock` for your account in /etc/security/limits.conf, log in anew, or give the machine less memory.',
  });
}
