/** What can be wrong with the hardware asked for. Pure. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import { AUTO_MACHINE, type MachineSpec } from '../contract/machine.ts';
import { refusedArgument } from './extra-args.ts';
import { isSame } from './is-same.ts';

type Say = (field: string, error: ErrorShape) => void;

/** As `-cpu` of QEMU takes it: a model, then features to add, take away or set. */
const CPU_MODEL = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}(,[+-]?[A-Za-z0-9_.-]{1,64}(=[A-Za-z0-9_.:-]{1,64})?){0,64}$/;
const NEEDS_SYSTEM = 'Leave it out, or start the machine from a disk or a medium with a system of its own.';
const LEAVE_OUT = 'Leave it out.';

/** Fields that a machine whose kernel is started directly cannot choose, with why. */
const NOT_DIRECT = {
  system: 'its system is Linux',
  architecture: "its kernel is this host's",
  firmware: 'its kernel is started directly, without firmware',
  diskBus: 'its disk is a virtio disk',
  nic: 'its network card is a virtio card',
} as const satisfies Partial<Record<keyof MachineSpec, string>>;

/** `image`: null for none; undefined when the store has no such image. */
export function validateMachine(spec: GuestSpec, image: Image | null | undefined, say: Say): void {
  const { machine } = spec;
  if (spec.isolation === 'container') {
    if (isSame(machine, AUTO_MACHINE)) return;
    const message = 'A container has no hardware of its own.';
    say('machine', { code: 'unsupported', message, hint: 'Leave it out, or choose a VM.' });
    return;
  }
  if (spec.isolation === 'microvm') validateMicro(spec, image, say);
  const unsupported = (field: keyof MachineSpec, message: string, hint: string) =>
    say(`machine.${field}`, { code: 'unsupported', message, hint });
  if (image?.kind === 'rootfs') {
    for (const [field, why] of Object.entries(NOT_DIRECT) as [keyof typeof NOT_DIRECT, string][]) {
      if (machine[field] === 'auto' || (field === 'system' && machine.system === 'linux')) continue;
      unsupported(field, `A machine made from a container's image cannot choose this: ${why}.`, LEAVE_OUT);
    }
    if (machine.tpm && spec.isolation === 'vm')
      unsupported('tpm', "A machine made from a container's image cannot have a TPM.", NEEDS_SYSTEM);
  }
  if (machine.architecture === 'aarch64' && machine.firmware === 'bios')
    unsupported('firmware', 'A machine of the architecture aarch64 has no BIOS.', 'Choose UEFI, or leave it out.');
  if (machine.architecture === 'riscv64') {
    if (machine.firmware === 'bios' || machine.firmware === 'uefi-secure')
      unsupported(
        'firmware',
        `A machine of the architecture riscv64 cannot have ${words(machine.firmware)}.`,
        LEAVE_OUT,
      );
    if (machine.tpm) unsupported('tpm', 'A machine of the architecture riscv64 cannot have a TPM.', LEAVE_OUT);
  }
  if (machine.cpuModel !== null && !CPU_MODEL.test(machine.cpuModel)) {
    say('machine.cpuModel', {
      code: 'invalid',
      message: 'This is no name of a processor.',
      hint: 'Write it as QEMU does: a model and its features, e.g. `Haswell,-hle`.',
    });
  }
  const refused = refusedArgument(machine.extraArgs);
  if (refused) say('machine.extraArgs', { code: refused.code, message: refused.message, hint: refused.hint });
}

function words(firmware: 'bios' | 'uefi-secure'): string {
  return firmware === 'bios' ? 'a BIOS' : 'Secure Boot';
}

/** It starts the kernel of an image's files, and has a disk, a network card, folders and a serial line. */
function validateMicro({ machine, iso }: GuestSpec, image: Image | null | undefined, say: Say): void {
  const no = (field: string, message: string) =>
    say(field, { code: 'unsupported', message, hint: 'Leave it out, or choose a VM.' });
  if (iso) no('iso', 'A microVM has no drive for a medium.');
  if (image !== undefined && image?.kind !== 'rootfs') {
    const message =
      "A microVM starts from a container's image alone: it has no firmware that could start another system.";
    say('image', { code: 'unsupported', message, hint: 'Choose such an image, or a VM.' });
  }
  if (machine.video !== 'auto') no('machine.video', 'A microVM has no screen.');
  if (machine.sound !== 'auto' && machine.sound !== 'none') no('machine.sound', 'A microVM has no sound card.');
  if (machine.tpm) no('machine.tpm', 'A microVM cannot have a TPM.');
  if (machine.sharedMemory) no('machine.sharedMemory', 'Nothing comes to a microVM, or goes from it, while it runs.');
  if (machine.cdFirst) no('machine.cdFirst', 'A microVM has no drive for a medium.');
  if (machine.clipboard) no('machine.clipboard', 'A microVM has no screen that a clipboard could be shared with.');
}
