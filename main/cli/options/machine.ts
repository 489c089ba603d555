/** The hardware of a machine: `--firmware`, `--tpm`, `--arch` and their like. */
import type { HostDeviceRef } from '../../../engine/contract/host-device.ts';
import { KEYBOARD_LAYOUTS, type KeyboardLayout } from '../../../engine/contract/keyboard.ts';
import * as hardware from '../../../engine/contract/machine.ts';
import { misused, quoted } from '../args.ts';
import type { GuestValues } from './guest-options.ts';

/** What was asked for over what holds; undefined when none was named. Throws `invalid`. */
export function machine(values: GuestValues, now: hardware.MachineSpec): hardware.MachineSpec | undefined {
  if (values.tpm && values['no-tpm']) throw misused('--tpm and --no-tpm exclude each other.');
  if (values.clipboard && values['no-clipboard']) throw misused('--clipboard and --no-clipboard exclude each other.');
  if (values['shared-memory'] && values['no-shared-memory'])
    throw misused('--shared-memory and --no-shared-memory exclude each other.');
  if (values['cd-first'] && values['no-cd-first']) throw misused('--cd-first and --no-cd-first exclude each other.');
  const choice = <T extends string>(
    option: keyof GuestValues & string,
    known: readonly T[],
  ): T | 'auto' | undefined => {
    const text = values[option] as string | undefined;
    if (text === undefined || text === 'auto') return text;
    const found = known.find((one) => one === text);
    if (found === undefined)
      throw misused(`--${option} has no ${quoted(text)}.`, `There are auto, ${known.join(', ')}.`);
    return found;
  };
  const tpm = values['no-tpm'] ? false : values.tpm;
  const asked = {
    system: choice('system', hardware.GUEST_SYSTEMS),
    architecture: choice('arch', hardware.ARCHITECTURES),
    firmware: choice('firmware', hardware.FIRMWARES),
    tpm,
    clipboard: values['no-clipboard'] ? false : values.clipboard,
    sharedMemory: values['no-shared-memory'] ? false : values['shared-memory'],
    cdFirst: values['no-cd-first'] ? false : values['cd-first'],
    diskBus: choice('disk-bus', hardware.DISK_BUSES),
    nic: choice('nic', hardware.NIC_MODELS),
    video: choice('video', hardware.VIDEO_MODELS),
    sound: choice('sound', hardware.SOUND_MODELS),
    keyboard: layout(values.keyboard),
    cpuModel: values['cpu-model'] === 'auto' ? null : values['cpu-model'],
    // One empty word takes all of them away.
    extraArgs: values['qemu-arg']?.filter((word) => word !== ''),
  };
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : { ...now, ...Object.fromEntries(given) };
}

function layout(text: string | undefined): KeyboardLayout | undefined {
  if (text === undefined) return undefined;
  const found = KEYBOARD_LAYOUTS.find((one) => one === text);
  if (found === undefined)
    throw misused(`--keyboard has no ${quoted(text)}.`, `There are ${KEYBOARD_LAYOUTS.join(', ')}.`);
  return found;
}

/** Devices of the host: each bus that was named is what it says now, one empty word takes its devices away. */
export function hostDevices(values: GuestValues, now: readonly HostDeviceRef[]): HostDeviceRef[] | undefined {
  if (!values.usb && !values.pci) return undefined;
  return (['usb', 'pci'] as const).flatMap(
    (bus) =>
      values[bus]?.filter((word) => word !== '').map((device) => ({ bus, device: device.toLowerCase() })) ??
      now.filter((one) => one.bus === bus),
  );
}
