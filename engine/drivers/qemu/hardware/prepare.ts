/** The hardware of one start: decided, and everything of the host that it takes found or made. */
import { arch } from 'node:os';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { Accelerator, MachineFound } from '../../../contract/machine.ts';
import type { Paths } from '../../../host/paths.ts';
import { type BootMedium, readBootMedium } from '../../../images/boot-medium.ts';
import type { GuestRecord } from '../../driver.ts';
import { type Acceleration, findAcceleration } from '../accel.ts';
import type { MachinePaths } from '../run-record.ts';
import { type QemuTool, requireEmulator } from '../tools.ts';
import { architectureOf } from './boards.ts';
import { chooseMachine, firmwareNote } from './choose.ts';
import { ensureVariables, variablesPath } from './efi-variables.ts';
import { type FirmwareFile, requireFirmware } from './firmware.ts';
import { keep, readKept } from './kept.ts';
import { findBootLoader } from './riscv-loader.ts';

export interface Hardware {
  readonly found: MachineFound;
  readonly qemu: QemuTool;
  readonly accelerator: Accelerator;
  readonly uefi: { readonly code: FirmwareFile; readonly variables: string; readonly smm: boolean } | null;
  /** A boot loader started like a kernel, on boards whose UEFI it is; else null. */
  readonly loader: string | null;
  /** What will probably not work, in words. */
  readonly notes: readonly string[];
}

export interface HardwareRequest {
  readonly guest: Pick<GuestRecord, 'spec' | 'isoPath'>;
  readonly files: Pick<MachinePaths, 'home' | 'choice'>;
  /** The image's kernel is started without firmware. */
  readonly direct: boolean;
  /** As the image names it; null without one. */
  readonly imageArchitecture: string | null;
  readonly paths: Paths;
  readonly signal: AbortSignal;
}

/** Throws `unsupported` for what is impossible, `missing-tool` for what is not installed. */
export async function prepareHardware(request: HardwareRequest): Promise<Hardware> {
  const { guest, files, direct } = request;
  const { machine, name } = guest.spec;
  const kept = direct ? null : await readKept(files.choice);
  const medium = direct || guest.isoPath === null ? null : await mediumOf(guest.isoPath);
  const { imageArchitecture } = request;
  const found = chooseMachine(machine, {
    direct,
    micro: guest.spec.isolation === 'microvm',
    imageArchitecture,
    hostArchitecture: arch(),
    medium,
    kept,
  });
  const qemu = await requireEmulator(found.architecture);
  const native = architectureOf(arch()) === found.architecture;
  const acceleration: Acceleration | null = native ? await findAcceleration(qemu, request.paths, false) : null;
  const uefi = await flashOf(found, files.home, request.signal);
  const loader = found.architecture === 'riscv64' && uefi === null ? await requireLoader(name) : null;
  await keep(files.choice, kept, found);
  const note = firmwareNote(found, medium);
  return {
    found,
    qemu,
    accelerator: acceleration?.accelerator ?? 'tcg',
    uefi,
    loader,
    notes: note === null ? [] : [note],
  };
}

/** A file that is not there is told of when it is opened for QEMU. */
function mediumOf(path: string): Promise<BootMedium | null> {
  return readBootMedium(path).catch(() => null);
}

async function flashOf(found: MachineFound, home: string, signal: AbortSignal): Promise<Hardware['uefi']> {
  const { firmware, architecture } = found;
  if (firmware === 'none' || firmware === 'bios' || architecture === 'riscv64') return null;
  const uefi = await requireFirmware(architecture, firmware);
  const variables = variablesPath(home, architecture, firmware);
  await ensureVariables(variables, uefi, signal);
  return { code: uefi.code, variables, smm: uefi.smm };
}

async function requireLoader(guestName: string): Promise<string> {
  const found = await findBootLoader();
  if (found !== null) return found;
  throw new GuesthouseError({
    code: 'missing-tool',
    message: `${guestName} cannot start: there is no boot loader for riscv64 on this host.`,
    subject: 'machine.architecture',
    hint: 'Install U-Boot for QEMU (`apt install u-boot-qemu opensbi` on Debian).',
  });
}
