/** From what was asked to the hardware of one machine. Pure. */
import { GuesthouseError } from '../../../contract/errors.ts';
import {
  type Architecture,
  AUTO_MACHINE,
  type Firmware,
  type GuestSystem,
  type MachineFound,
  type MachineSpec,
} from '../../../contract/machine.ts';
import type { BootMedium } from '../../../images/boot-medium.ts';
import { architectureOf, BOARDS } from './boards.ts';
import { PROFILES } from './profiles.ts';

/** What `auto` goes by. */
export interface MachineFacts {
  /** The kernel of an image is started without firmware. */
  readonly direct: boolean;
  /** It is a microVM. */
  readonly micro: boolean;
  /** Of the image, as OCI names it; null without an image. */
  readonly imageArchitecture: string | null;
  /** Node's name of the host's own. */
  readonly hostArchitecture: string;
  /** The medium it starts from; null without one. */
  readonly medium: BootMedium | null;
  /** Decided at its first start. */
  readonly kept: KeptChoice | null;
}

/** What must not change with a medium that is taken out: an installed system would not start any more. */
export interface KeptChoice {
  readonly system: GuestSystem;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
}

/** Throws `unsupported` when the board cannot have what was asked. */
export function chooseMachine(spec: MachineSpec, facts: MachineFacts): MachineFound {
  const { kept, medium } = facts;
  // The kernel for an image's files is the host's, and its init knows virtio alone.
  const own = architectureOf(facts.hostArchitecture) ?? 'x86_64';
  if (facts.micro) return { ...directMachine(AUTO_MACHINE, own), video: 'none', tpm: false };
  const clipboard = spec.clipboard ? { clipboard: true } : {};
  if (facts.direct) {
    // The kernel's first files come to lie over the tables that name a TPM, and over all others with them: QEMU leaves too
    // little room for both. Without them there is no second processor either.
    if (spec.tpm) throw impossible('tpm', "A machine made from a container's image cannot have a TPM.", NEEDS_SYSTEM);
    return { ...directMachine(spec, own), tpm: false, ...clipboard };
  }
  const architecture =
    (spec.architecture === 'auto' ? (kept?.architecture ?? medium?.architecture) : spec.architecture) ??
    (facts.imageArchitecture === null ? own : architectureOf(facts.imageArchitecture)) ??
    own;
  const system = spec.system === 'auto' ? (kept?.system ?? 'linux') : spec.system;
  const board = BOARDS[architecture];
  const profile = PROFILES[system];
  const firmware = chooseFirmware(spec, facts, architecture, system);
  if (!board.firmwares.includes(firmware)) {
    throw impossible('firmware', `A machine of the architecture ${architecture} cannot have the firmware ${firmware}.`);
  }
  if (spec.tpm && board.tpmDevice === null) {
    throw impossible('tpm', `A machine of the architecture ${architecture} cannot have a TPM.`);
  }
  const pick = <K extends 'diskBus' | 'nic' | 'sound'>(field: K) =>
    spec[field] === 'auto' ? profile[field] : spec[field];
  return {
    system,
    architecture,
    firmware,
    tpm: spec.tpm,
    diskBus: pick('diskBus') as MachineFound['diskBus'],
    nic: pick('nic') as MachineFound['nic'],
    sound: pick('sound') as MachineFound['sound'],
    video: spec.video !== 'auto' ? spec.video : board.pc ? profile.video : 'virtio',
    ...clipboard,
  };
}

function directMachine(spec: MachineSpec, architecture: Architecture): Omit<MachineFound, 'tpm'> {
  const { diskBus, nic, video, sound } = PROFILES.linux;
  const seen = { video: spec.video === 'auto' ? video : spec.video, sound: spec.sound === 'auto' ? sound : spec.sound };
  return { system: 'linux', architecture, firmware: 'none', diskBus, nic, ...seen };
}

function chooseFirmware(
  spec: MachineSpec,
  { kept, medium }: MachineFacts,
  architecture: Architecture,
  system: GuestSystem,
): Firmware {
  if (spec.firmware !== 'auto') return spec.firmware;
  if (kept && kept.architecture === architecture) return kept.firmware;
  const usual = BOARDS[architecture].firmwares[0] as Firmware;
  if (usual !== 'bios') return usual;
  if (medium && medium.bios !== medium.efi) return medium.efi ? 'uefi' : 'bios';
  return PROFILES[system].prefersUefi ? 'uefi' : 'bios';
}

/** What will probably not start, as a sentence; null: nothing of the kind. */
export function firmwareNote(found: MachineFound, medium: BootMedium | null): string | null {
  if (medium === null || found.firmware === 'none') return null;
  if (medium.architecture !== null && medium.architecture !== found.architecture)
    return `The medium is made for ${medium.architecture} and will not start on ${found.architecture}.`;
  if (!medium.bios && !medium.efi) return 'The medium is not bootable: it has no boot catalog.';
  if (found.firmware === 'bios' && !medium.bios)
    return 'The medium starts under UEFI only, and this machine has a BIOS: choose the firmware UEFI.';
  if (found.firmware !== 'bios' && !medium.efi)
    return 'The medium starts under a BIOS only, and this machine has UEFI: choose the firmware BIOS.';
  return null;
}

const NEEDS_SYSTEM = 'Leave it out, or start the machine from a disk or a medium with a system of its own.';

function impossible(
  field: string,
  message: string,
  hint = 'Leave it to be chosen, or choose another architecture.',
): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message,
    subject: `machine.${field}`,
    hint,
  });
}
