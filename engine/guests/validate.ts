/** What can be wrong with a spec, field by field. Pure: what the host has and who is there already is passed in. */
import type { DraftProblem } from '../contract/api.ts';
import { bootDiskOf, hasOwnDisk } from '../contract/disk.ts';
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { Capability } from '../contract/host.ts';
import type { Image } from '../contract/image.ts';
import type { NetworkMode } from '../contract/network.ts';
import { isVolumeName } from '../volumes/problems.ts';
import { quote } from './quote.ts';
import { validateDisks } from './validate-disks.ts';
import { validateFirstLogin } from './validate-first-login.ts';
import { validateHostDevices } from './validate-host-devices.ts';
import { validateIo } from './validate-io.ts';
import { validateLife } from './validate-life.ts';
import { validateMachine } from './validate-machine.ts';
import { validateNetwork } from './validate-network.ts';
import { validateRun } from './validate-run.ts';

export interface Surroundings {
  readonly cpus: number;
  readonly memoryMib: number;
  readonly capability: Capability | undefined;
  /** The image the spec names; null when it names none, undefined when the store has no such image. */
  readonly image: Image | null | undefined;
  /** The machine has a disk of its own to start from, made elsewhere or installed by now. Left out: false. */
  readonly ownDisk?: boolean;
  readonly takenNames: ReadonlySet<string>;
  /** Mode by name; left out: the built-in network alone. */
  readonly networks?: ReadonlyMap<string, NetworkMode>;
  /** Hardware address -> name of the guest that has it. Left out: none. */
  readonly takenMacs?: ReadonlyMap<string, string>;
  /** Keys of ports (see port-key.ts) -> name of the guest that has them. */
  readonly takenPorts: ReadonlyMap<string, string>;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Less does not boot a kernel or start a runtime (MiB). */
const MIN_MEMORY_MIB = { container: 6, microvm: 64, vm: 64 };
const MAX_DISK_GIB = 65_536;

export function validate(spec: GuestSpec, around: Surroundings): DraftProblem[] {
  const problems: DraftProblem[] = [];
  const say = (field: string, error: ErrorShape) => problems.push({ field, error: { subject: field, ...error } });
  const invalid = (field: string, message: string, hint: string) => say(field, { code: 'invalid', message, hint });

  checkName(spec, around, say);
  checkImage(spec, around, say);
  validateLife(spec, say);
  validateFirstLogin(spec, around.image, say);
  validateRun(spec, around, say);
  validateMachine(spec, around.image, say);
  validateHostDevices(spec, around.image, say);
  validateIo(spec, say);
  validateDisks(spec, say);
  if (around.capability && !around.capability.possible) {
    say('isolation', {
      code: 'unsupported',
      message: around.capability.reason ?? `A ${spec.isolation} is not possible on this host.`,
      ...(around.capability.fix ? { hint: around.capability.fix } : {}),
    });
  }

  if (!Number.isFinite(spec.cpus) || spec.cpus <= 0) {
    invalid('cpus', `${spec.cpus} processors is not a number of processors.`, 'Give a number above 0.');
  } else if (spec.isolation !== 'container' && !Number.isInteger(spec.cpus)) {
    invalid('cpus', 'A machine has whole processors.', `Give ${Math.ceil(spec.cpus)}, or choose a container.`);
  } else if (spec.cpus > around.cpus) {
    say('cpus', {
      code: 'resources',
      message: `${spec.cpus} processors are more than this host has.`,
      cause: `It has ${around.cpus}.`,
      hint: `Give at most ${around.cpus}.`,
    });
  }
  if (!Number.isInteger(spec.memoryMib) || spec.memoryMib < MIN_MEMORY_MIB[spec.isolation]) {
    const least = MIN_MEMORY_MIB[spec.isolation];
    invalid(
      'memoryMib',
      `${spec.memoryMib} MiB of memory is too little.`,
      `Give a whole number of at least ${least} MiB.`,
    );
  } else if (spec.memoryMib > around.memoryMib) {
    say('memoryMib', {
      code: 'resources',
      message: `${spec.memoryMib} MiB of memory is more than this host has.`,
      cause: `It has ${around.memoryMib} MiB.`,
      hint: `Give at most ${around.memoryMib} MiB.`,
    });
  }
  if (!hasOwnDisk(spec)) checkNoDisk(spec, around, say);
  else if (spec.diskGib !== null && !(spec.diskGib > 0 && spec.diskGib <= MAX_DISK_GIB)) {
    invalid('diskGib', `A disk of ${spec.diskGib} GiB is not possible.`, `Give a size from 1 to ${MAX_DISK_GIB} GiB.`);
  }
  if (spec.diskGib !== null && spec.isolation === 'container') {
    invalid('diskGib', 'A container has no disk of its own size.', 'Leave the disk out, or choose a VM.');
  }

  validateNetwork(spec, around, say);
  spec.mounts.forEach((mount, index) => {
    const clean = (path: string) =>
      path.startsWith('/') && !path.split('/').includes('..') && !/[\0\n]/.test(path) && path.length <= 4096;
    if (!clean(mount.source) && !isVolumeName(mount.source))
      invalid(
        `mounts.${index}.source`,
        `${quote(mount.source)} is neither a path of the host nor the name of a volume.`,
        'Give an absolute path without `..`, or a name of letters, digits, `.`, `_` and `-`.',
      );
    if (!clean(mount.target) || mount.target === '/')
      invalid(
        `mounts.${index}.target`,
        `${quote(mount.target)} is not a place in the guest.`,
        'Give an absolute path below `/`, without `..`.',
      );
  });
  for (const [name, value] of Object.entries(spec.env)) {
    if (!ENV_NAME.test(name) || value.includes('\0')) {
      invalid(
        'env',
        `${quote(name)} is not a name of an environment variable.`,
        'Use letters, digits and `_`, not starting with a digit.',
      );
    }
  }
  if (spec.command?.some((word) => word.includes('\0')) || spec.command?.[0] === '') {
    invalid(
      'command',
      'The command has an empty program or a zero byte.',
      'Give the program and its arguments as plain text.',
    );
  }
  return problems;
}

type Say = (field: string, error: ErrorShape) => void;

function checkName(spec: GuestSpec, around: Surroundings, say: Say): void {
  if (!NAME.test(spec.name)) {
    say('name', {
      code: 'invalid',
      message: spec.name === '' ? 'A guest needs a name.' : `${quote(spec.name)} cannot be the name of a guest.`,
      hint: 'Use 1 to 63 letters, digits, `.`, `_` or `-`, starting with a letter or digit.',
    });
  } else if (around.takenNames.has(spec.name)) {
    say('name', {
      code: 'conflict',
      message: `There is a guest named ${spec.name} already.`,
      hint: 'Choose another name, or remove that guest first.',
    });
  }
}

function checkImage(spec: GuestSpec, around: Surroundings, say: Say): void {
  const { image } = around;
  if (image === undefined) {
    say('image', {
      code: 'not-found',
      message: `There is no image named ${quote(spec.image ?? '')} here.`,
      hint: 'See `guesthouse image ls`; make one with `guesthouse image build busybox` or `guesthouse image import FILE`.',
    });
    return;
  }
  if (spec.isolation === 'container') {
    if (spec.iso)
      say('iso', { code: 'invalid', message: 'A container cannot start from an ISO.', hint: 'Choose a VM for it.' });
    if (image === null)
      say('image', { code: 'invalid', message: 'A container needs an image.', hint: 'Choose one, e.g. `busybox`.' });
    else if (image.kind !== 'rootfs') {
      const what = image.kind === 'iso' ? 'an installation medium' : "a machine's disk";
      say('image', {
        code: 'invalid',
        message: `${image.name} is ${what}: it cannot be a container.`,
        hint: 'Choose a VM for it.',
      });
    }
  } else if (image === null && !spec.iso && !around.ownDisk && (bootDiskOf(spec)?.from ?? null) === null) {
    say('image', {
      code: 'invalid',
      message: 'A machine needs something to start from.',
      hint: 'Choose an image, an ISO file with `--iso`, or a disk of this host with `--disk /dev/…`.',
    });
  }
}

/** What a machine cannot be that has no disk of its own. */
function checkNoDisk(spec: GuestSpec, { image }: Surroundings, say: Say): void {
  if (spec.isolation === 'container') return; // said already
  if (spec.isolation === 'vm' && (image === null || image?.kind === 'iso' || image === undefined)) return;
  say('diskGib', {
    code: 'invalid',
    message: 'A machine that is made from an image has a disk of its own.',
    hint: 'Leave the size out. Further disks are given beside it.',
  });
}
