/** What can be wrong with the host's USB and PCI devices that a machine is to be given. Pure. */
import type { DraftProblem } from '../contract/api.ts';
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { HostDevice, HostDeviceRef } from '../contract/host-device.ts';
import type { Image } from '../contract/image.ts';
import { DEVICE_WORDS, hostDeviceProblem } from '../host/find-device.ts';
import { quote } from './quote.ts';

const PCI = /^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;
const USB = /^(?:[0-9a-f]{4}:[0-9a-f]{4}|[1-9]\d{0,2}\.[1-9]\d{0,2})$/;
/** The controller has four ports, and what points at the screen takes one. */
const MOST_USB = 3;
/** Slots on the board that are left beside its disks. */
const MOST_PCI = 8;
const SEE = 'See `guesthouse devices`.';

type Say = (field: string, error: ErrorShape) => void;

/** `image`: null for none; undefined when the store has no such image. */
export function validateHostDevices(spec: GuestSpec, image: Image | null | undefined, say: Say): void {
  const { hostDevices: all } = spec;
  if (all.length === 0) return;
  const why = impossible(spec, image);
  if (why !== null) {
    say('hostDevices', { code: 'unsupported', ...why });
    return;
  }
  const usb = all.filter(({ bus }) => bus === 'usb');
  if (usb.length > MOST_USB)
    say('hostDevices', {
      code: 'invalid',
      message: `${usb.length} USB devices are too many.`,
      hint: `Give at most ${MOST_USB}.`,
    });
  if (all.length - usb.length > MOST_PCI)
    say('hostDevices', {
      code: 'invalid',
      message: `${all.length - usb.length} PCI devices are too many.`,
      hint: `Give at most ${MOST_PCI}.`,
    });
  for (const [index, { bus, device }] of all.entries()) {
    const field = `hostDevices.${index}.device`;
    if (!(bus === 'pci' ? PCI : USB).test(device)) {
      const hint =
        bus === 'pci' ? 'Write it like `0000:01:00.0`.' : 'Write it like `0951:1666`, or `1.4` (bus.device).';
      say(field, {
        code: 'invalid',
        message: `${quote(device)} names no ${DEVICE_WORDS[bus]}.`,
        hint: `${hint} ${SEE}`,
      });
    } else if (all.findIndex((other) => other.bus === bus && other.device === device) < index) {
      say(field, { code: 'conflict', message: `${device} is named twice.`, hint: 'Name it once.' });
    }
  }
}

function impossible(
  { isolation, hostDevices }: GuestSpec,
  image: Image | null | undefined,
): { readonly message: string; readonly hint: string } | null {
  if (isolation === 'container')
    return {
      message: 'A container has no hardware of its own.',
      hint: 'Give it a device node (`--device`), or choose a VM.',
    };
  if (isolation === 'microvm')
    return { message: 'A microVM has no place for a device of the host.', hint: 'Choose a VM.' };
  if (image?.kind !== 'rootfs' || !hostDevices.some(({ bus }) => bus === 'usb')) return null;
  return {
    message: "A machine made from a container's image has no USB: its small kernel has no driver for it.",
    hint: 'Choose the image of a disk, or a medium.',
  };
}

/** What the host says to it. `kept`: what the guest has already is looked at when it starts. Pure. */
export function hostDeviceProblems(
  asked: readonly HostDeviceRef[],
  kept: readonly HostDeviceRef[],
  devices: readonly HostDevice[],
): DraftProblem[] {
  return asked.flatMap((ref, index): DraftProblem[] => {
    if (kept.some(({ bus, device }) => bus === ref.bus && device === ref.device)) return [];
    const error = hostDeviceProblem(ref, devices);
    const field = `hostDevices.${index}.device`;
    return error === null ? [] : [{ field, error: { subject: field, ...error } }];
  });
}
