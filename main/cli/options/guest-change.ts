/** From the options of the command line to fields of a guest. Pure but for the files that options name. */
import { isAbsolute, resolve } from 'node:path';
import type { GuestChange } from '../../../engine/contract/api.ts';
import type { GuestSpec, Isolation } from '../../../engine/contract/guest.ts';
import { AUTO_MACHINE } from '../../../engine/contract/machine.ts';
import { restart, signal } from '../../../engine/notation/life.ts';
import { capability, security, ulimit } from '../../../engine/notation/limits.ts';
import { device, mount, tmpfs } from '../../../engine/notation/mounts.ts';
import { ports } from '../../../engine/notation/ports.ts';
import { mebibytes } from '../../../engine/notation/quantity.ts';
import { misused, number, quoted, whole } from '../args.ts';
import { type DiskWishes, diskWishes } from './disks.ts';
import { pairs, readEnvFile, variables } from './environment.ts';
import { firstLogin } from './first-login.ts';
import type { GuestValues } from './guest-options.ts';
import { health } from './health.ts';
import { ioLimits } from './io-limits.ts';
import { hostDevices, machine } from './machine.ts';

/** Fields whose options were given, and only those. `now`: of the guest that is changed. Throws `invalid`. */
export function guestChange(values: GuestValues, now: GuestSpec | null = null): GuestChange {
  const env = [...(values['env-file'] ?? []).map((path) => readEnvFile(path)), variables(values.env ?? [])];
  const io = ioLimits(values, now?.io ?? null);
  const check = health(values, now?.health ?? null);
  const networks = values.network?.flatMap((name) => name.split(',')) ?? [];
  if (networks.includes('')) throw misused('--network needs the name of a network.', 'See `guesthouse network ls`.');
  if (values.tty && values['no-tty']) throw misused('--tty and --no-tty exclude each other.');
  return defined({
    cpus: number(values.cpus, '--cpus'),
    memoryMib: values.memory === undefined ? undefined : mebibytes(values.memory, '--memory'),
    ...disksOf(values, now),
    ports: values.publish?.flatMap((text) => ports(text)),
    mounts: values.volume?.map((text) => mount(text)),
    tmpfs: values.tmpfs?.map((text) => tmpfs(text)),
    devices: values.device?.map((text) => device(text)),
    env: values.env || values['env-file'] ? Object.assign({}, ...env) : undefined,
    labels: values.label ? pairs(values.label, '--label') : undefined,
    iso: values.iso === undefined ? undefined : isoFile(values.iso),
    network: networks[0],
    moreNetworks: networks.length > 0 ? networks.slice(1) : undefined,
    aliases: values['network-alias'],
    macAddress: values['mac-address'] === 'auto' ? null : values['mac-address'],
    entrypoint: values.entrypoint === undefined ? undefined : entrypoint(values.entrypoint),
    user: values.user,
    workingDir: values.workdir,
    hostname: values.hostname,
    tty: values['no-tty'] ? false : values.tty,
    init: values.init,
    readOnlyRoot: values['read-only'],
    capabilities:
      values['cap-add'] || values['cap-drop']
        ? {
            add: (values['cap-add'] ?? []).map((name) => capability(name, '--cap-add')),
            drop: (values['cap-drop'] ?? []).map((name) => capability(name, '--cap-drop')),
          }
        : undefined,
    ...security(values['security-opt'] ?? []),
    ulimits: values.ulimit?.map((text) => ulimit(text)),
    pidsLimit: values['pids-limit'] === undefined ? undefined : whole(values['pids-limit'], '--pids-limit', 1),
    io: io ?? undefined,
    health: check,
    restart: values.restart === undefined ? undefined : restart(values.restart),
    stopSignal: values['stop-signal'] === undefined ? undefined : signal(values['stop-signal'], '--stop-signal'),
    stopGraceMs: graceMs(values['stop-timeout']),
    disposable: values.rm,
    firstLogin: firstLogin(values, now?.firstLogin ?? null),
    hostDevices: hostDevices(values, now?.hostDevices ?? []),
    machine: machine(values, now?.machine ?? AUTO_MACHINE),
  });
}

function disksOf(values: GuestValues, now: GuestSpec | null): DiskWishes {
  const wishes = diskWishes(values.disk);
  if (now !== null && wishes.disks)
    throw misused('--disk takes the size of the first disk here.', 'Add others with `guesthouse disk add`.');
  return wishes;
}

export function isolation(text: string | undefined, command: string): Isolation {
  if (text === 'container' || text === 'vm' || text === 'microvm') return text;
  throw misused(
    text === undefined ? `\`${command}\` needs --isolation.` : `There is no isolation ${quoted(text)}.`,
    'Use --isolation container or --isolation vm.',
  );
}

/** One program, as Docker has it, or a list as JSON, as Podman has it; empty: the image's own is switched off. */
function entrypoint(text: string): string[] {
  if (!text.trimStart().startsWith('[')) return text === '' ? [] : [text];
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word): word is string => typeof word === 'string')) return words;
  } catch {
    // said below
  }
  throw misused(`--entrypoint needs a program or a JSON list of words, not ${quoted(text)}.`);
}

function graceMs(text: string | undefined): number | undefined {
  const seconds = number(text, '--stop-timeout');
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

/** A path is made absolute here, where the working folder is known; a bare name without a slash may be an image. */
function isoFile(text: string): string {
  return isAbsolute(text) || text.includes('/') || /\.iso$/i.test(text) ? resolve(text) : text;
}

/** An absent field is absent: the contract refuses `undefined`. */
function defined(fields: { [K in keyof GuestChange]: GuestChange[K] | undefined }): GuestChange {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
