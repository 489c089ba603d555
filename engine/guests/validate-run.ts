/** What can be wrong with how a guest's programs run: who, where, with which rights and limits. Pure. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import { CAPABILITY_NAMES, plainCapability, ULIMIT_LINES } from '../host/kernel-names.ts';
import { signalNumber } from '../host/signals.ts';
import { quote } from './quote.ts';
import { validateMachineRun } from './validate-machine-run.ts';

type Say = (field: string, error: ErrorShape) => void;
type Invalid = (field: string, message: string, hint: string) => void;

/** Names of users and groups as useradd takes them, and numbers. */
const ID = '(?:\\d{1,10}|[A-Za-z_][A-Za-z0-9_.-]{0,63}\\$?)';
const USER = new RegExp(`^${ID}(?::${ID})?$`);
/** The kernel's names of hosts are 64 bytes at most; each part is a label of DNS. */
const HOSTNAME = /^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const ACCESS = /^(?!.*(.).*\1)[rwm]{1,3}$/;
const MAX_PATH = 4096;
/** pid_max of a 64-bit kernel. */
const MAX_PIDS = 4_194_304;
const MAX_LABEL_NAME = 256;
/** The kernel's own file systems: what lies there is made by the container's runtime. */
const KERNEL_PLACES = ['/proc', '/sys', '/dev'];
/** What may be put there all the same. */
const KERNEL_EXCEPTIONS = ['/dev/shm', '/dev/mqueue'];

/** `image`: null for none; undefined when the store has no such image. */
export function validateRun(
  spec: GuestSpec,
  around: { readonly memoryMib: number; readonly image: Image | null | undefined },
  say: Say,
): void {
  const invalid: Invalid = (field, message, hint) => say(field, { code: 'invalid', message, hint });
  checkProgram(spec, invalid);
  checkLabels(spec, invalid);
  if (spec.isolation !== 'container') {
    validateMachineRun(spec, around.image, say);
    return;
  }
  checkPlaces(spec, around.memoryMib, invalid, say);
  checkDevices(spec, invalid);
  checkRights(spec, invalid);
  checkLimits(spec, invalid);
}

function checkProgram({ entrypoint, user, workingDir, hostname, stopSignal }: GuestSpec, invalid: Invalid): void {
  if (entrypoint?.some((word) => word.includes('\0')) || entrypoint?.[0] === '') {
    const hint = 'Give the program and its arguments as plain text; an empty list takes the image’s away.';
    invalid('entrypoint', 'The entrypoint has an empty program or a zero byte.', hint);
  }
  if (
    user !== null &&
    (!USER.test(user) || user.split(':').some((id) => /^\d+$/.test(id) && Number(id) > 0xffff_fffe))
  ) {
    invalid('user', `${quote(user)} is no user.`, 'Give a name or number, or both with a group: `web`, `1000:1000`.');
  }
  if (workingDir !== null && (!isPath(workingDir) || /^\/+(proc|sys)(\/|$)/.test(workingDir))) {
    invalid(
      'workingDir',
      `${quote(workingDir)} cannot be the working directory.`,
      'Give an absolute path without `..`, outside of /proc and /sys.',
    );
  }
  if (hostname !== null && !HOSTNAME.test(hostname)) {
    const hint = 'Use up to 63 letters, digits, `-` and `.`; each part starts and ends with a letter or digit.';
    invalid('hostname', `${quote(hostname)} cannot be the name of a host.`, hint);
  }
  if (stopSignal !== null && signalNumber(stopSignal) === null) {
    invalid(
      'stopSignal',
      `There is no signal ${quote(stopSignal)}.`,
      'Name one such as SIGTERM, SIGQUIT or SIGRTMIN+3.',
    );
  }
}

function checkLabels({ labels }: GuestSpec, invalid: Invalid): void {
  for (const [name, value] of Object.entries(labels)) {
    if (name !== '' && name.length <= MAX_LABEL_NAME && !/[\0\n=]/.test(name) && !value.includes('\0')) continue;
    invalid(
      'labels',
      `${quote(name)} cannot be a label.`,
      'Labels have up to 256 characters, no `=` and no line break.',
    );
  }
}

function checkPlaces({ mounts, tmpfs }: GuestSpec, memoryMib: number, invalid: Invalid, say: Say): void {
  const seen = new Set<string>();
  const place = (field: string, target: string) => {
    const normal = target.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
    const root = KERNEL_PLACES.find((one) => normal === one || normal.startsWith(`${one}/`));
    if (root !== undefined && !KERNEL_EXCEPTIONS.includes(normal)) {
      invalid(field, `Nothing can be put at ${quote(target)}: ${root} belongs to the kernel.`, 'Choose another place.');
    } else if (seen.has(normal)) {
      say(field, {
        code: 'conflict',
        message: `Two things are put at ${quote(target)}.`,
        hint: 'Leave one of them out, or choose another place for it.',
      });
    }
    seen.add(normal);
  };
  for (const [index, { target }] of mounts.entries()) place(`mounts.${index}.target`, target);
  for (const [index, { target, sizeMib }] of tmpfs.entries()) {
    const field = `tmpfs.${index}`;
    if (!isPath(target) || target === '/') {
      invalid(
        `${field}.target`,
        `${quote(target)} is not a place in the guest.`,
        'Give an absolute path below `/`, without `..`.',
      );
    } else place(`${field}.target`, target);
    if (sizeMib !== null && !isWhole(sizeMib, 1, memoryMib)) {
      const hint = `Give whole MiB from 1 to ${memoryMib}, or leave the size out.`;
      invalid(`${field}.sizeMib`, `A file system in memory cannot have ${sizeMib} MiB here.`, hint);
    }
  }
}

function checkDevices({ devices }: GuestSpec, invalid: Invalid): void {
  for (const [index, { source, target, access }] of devices.entries()) {
    const field = `devices.${index}`;
    if (!isPath(source) || source === '/') {
      invalid(
        `${field}.source`,
        `${quote(source)} is not a device of the host.`,
        'Give its absolute path, e.g. /dev/fuse.',
      );
    }
    if (!isPath(target) || !target.startsWith('/dev/')) {
      invalid(`${field}.target`, `${quote(target)} is not a place for a device.`, 'Give an absolute path below /dev.');
    }
    if (!ACCESS.test(access)) {
      invalid(
        `${field}.access`,
        `${quote(access)} is no kind of access.`,
        'Use some of r (read), w (write) and m (make).',
      );
    }
  }
}

function checkRights({ capabilities, seccomp }: GuestSpec, invalid: Invalid): void {
  for (const which of ['add', 'drop'] as const) {
    for (const name of capabilities[which]) {
      if (['ALL', ...CAPABILITY_NAMES].includes(plainCapability(name))) continue;
      const hint = 'See capabilities(7): NET_ADMIN, SYS_PTRACE, ...; ALL means every one.';
      invalid(`capabilities.${which}`, `There is no capability ${quote(name)}.`, hint);
    }
  }
  const dropped = capabilities.drop.map(plainCapability);
  const both = capabilities.add.find((name) => dropped.includes(plainCapability(name)));
  if (both !== undefined) {
    invalid('capabilities', `${quote(both)} is both added and dropped.`, 'Choose one of the two.');
  }
  if (seccomp !== 'default' && seccomp !== 'unconfined' && !isPath(seccomp)) {
    const hint = 'Use `default`, `unconfined`, or the absolute path of a profile.';
    invalid('seccomp', `${quote(seccomp)} is no seccomp profile.`, hint);
  }
}

function checkLimits({ ulimits, pidsLimit }: GuestSpec, invalid: Invalid): void {
  const named = new Set<string>();
  for (const [index, { name, soft, hard }] of ulimits.entries()) {
    const field = `ulimits.${index}`;
    if (!Object.hasOwn(ULIMIT_LINES, name)) {
      invalid(
        `${field}.name`,
        `There is no limit ${quote(name)}.`,
        `There are: ${Object.keys(ULIMIT_LINES).join(', ')}.`,
      );
    } else if (named.has(name)) {
      invalid(`${field}.name`, `The limit ${name} is named twice.`, 'Name it once.');
    }
    named.add(name);
    const [low, high] = [soft, hard].map((value) => (value === -1 ? Number.POSITIVE_INFINITY : value)) as [
      number,
      number,
    ];
    if (![soft, hard].every((value) => isWhole(value, -1, Number.MAX_SAFE_INTEGER))) {
      invalid(
        field,
        `The limit ${quote(name)} is not made of whole numbers.`,
        'Give whole numbers from 0 on, or -1 for none.',
      );
    } else if (low > high) {
      invalid(
        field,
        `The soft limit of ${quote(name)} is above the hard one.`,
        'Give a soft limit up to the hard one.',
      );
    }
  }
  if (!isWhole(pidsLimit, 1, MAX_PIDS)) {
    invalid('pidsLimit', `${pidsLimit} is no number of processes.`, `Give a whole number from 1 to ${MAX_PIDS}.`);
  }
}

function isPath(path: string): boolean {
  return path.startsWith('/') && path.length <= MAX_PATH && !/[\0\n]/.test(path) && !path.split('/').includes('..');
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
