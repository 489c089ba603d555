/** Options of a container's run that a machine cannot have, each with why. Pure. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import { isSame } from './is-same.ts';
import { RUN_DEFAULTS } from './run-defaults.ts';

const IN_A_CONTAINER = 'Leave it out, or choose a container.';
const OWN_KERNEL = 'a machine has a kernel of its own';

/** Sentence by field. */
const CONTAINERS_ONLY = {
  capabilities: `Capabilities cannot be given to a machine: ${OWN_KERNEL}, which gives its programs what they need.`,
  seccomp: `A machine's system calls are not filtered: ${OWN_KERNEL}.`,
  noNewPrivileges: `Set-uid programs of a machine cannot be held back from outside: ${OWN_KERNEL}.`,
  ulimits: `Limits of processes are set inside a machine: ${OWN_KERNEL}.`,
  pidsLimit: `Processes of a machine are not counted from outside: ${OWN_KERNEL}.`,
  devices: 'A device of the host cannot be given to a machine.',
  tmpfs: 'File systems in memory are mounted inside a machine, by its own system.',
  readOnlyRoot: "A machine's disk can be written: its system needs it.",
  init: 'A machine has an init already.',
  tty: 'The console of a machine is always a terminal.',
  stopSignal: 'A machine is stopped by its power button, not by a signal.',
  health: 'A machine cannot be checked: no program can be run in it from outside.',
} as const satisfies Partial<Record<keyof GuestSpec, string>>;

/** Told to the small init of a machine that is made from a container's image; another system starts by itself. */
const FROM_ROOTFS_ONLY = {
  entrypoint: 'an entrypoint',
  user: 'a user',
  workingDir: 'a working directory',
  hostname: 'a host name',
} as const satisfies Partial<Record<keyof GuestSpec, string>>;

export function validateMachineRun(
  spec: GuestSpec,
  image: Image | null | undefined,
  say: (field: string, error: ErrorShape) => void,
): void {
  const unsupported = (field: string, message: string, hint: string) =>
    say(field, { code: 'unsupported', message, hint });
  for (const [field, message] of Object.entries(CONTAINERS_ONLY) as [keyof typeof CONTAINERS_ONLY, string][]) {
    // An image's check that is switched off is no wish for one.
    if (field === 'health' && spec.health?.command.length === 0) continue;
    if (!isSame(spec[field], RUN_DEFAULTS[field])) unsupported(field, message, IN_A_CONTAINER);
  }
  for (const [index, { owned }] of spec.mounts.entries()) {
    if (!owned) continue;
    const message = 'The files of a folder keep their owners in a machine.';
    unsupported(`mounts.${index}.owned`, message, IN_A_CONTAINER);
  }
  if (image === undefined || image?.kind === 'rootfs') return;
  for (const [field, what] of Object.entries(FROM_ROOTFS_ONLY) as [keyof typeof FROM_ROOTFS_ONLY, string][]) {
    // The seed of a first login carries the host name.
    if (spec[field] === null || (field === 'hostname' && spec.firstLogin !== null)) continue;
    const message = `A machine that starts its own system cannot be given ${what}.`;
    unsupported(field, message, 'Set it inside, or make the machine from a container’s image.');
  }
}
