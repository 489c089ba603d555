/**
 * What the guest's init is told at start: a shell fragment that it reads from QEMU's fw_cfg and sources
 * (assets/guest-init/init says which names it sets). Every value is a single-quoted word, so any byte but NUL survives.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import type { ImageConfig } from '../../contract/image.ts';
import type { CardView, MemberView } from '../../networks/house.ts';

export interface GuestConfig {
  readonly name: string;
  /** `10.99.0.17/20`; null without a network. */
  readonly address: string | null;
  readonly gateway: string | null;
  /** `fd…::1/64` */
  readonly address6: string | null;
  readonly gateway6: string | null;
  readonly nameServer: string | null;
  /** With several: the hardware addresses of all, and what the further ones have; left out: there is one, or none. */
  readonly cards?: readonly Card[];
  /** `user[:group]` as the request or the image says it; empty: root. */
  readonly user: string;
  readonly directory: string;
  readonly command: readonly string[];
  /** `NAME=value` each. */
  readonly env: readonly string[];
  /** It is a copy of another machine: init gives it a machine id and SSH host keys of its own. */
  readonly isCopy: boolean;
  readonly folders: readonly { readonly tag: string; readonly target: string; readonly readOnly: boolean }[];
}

/** `address`: as of the first. */
interface Card {
  readonly mac: string;
  readonly address: string;
  readonly gateway: string | null;
  readonly address6: string | null;
  readonly gateway6: string | null;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The last word an image gives when it names no command at all. */
const SHELLS = '{ [ -x /bin/bash ] && set -- /bin/bash || set -- /bin/sh; }';

type Asked = Pick<GuestSpec, 'name' | 'hostname' | 'entrypoint' | 'command' | 'user' | 'workingDir' | 'env' | 'mounts'>;

/** As a container runtime joins image and request: a command replaces `cmd`, environment is merged by name. */
export function guestConfig(
  spec: Asked,
  image: ImageConfig | null,
  network: MemberView | null,
  isCopy = false,
): GuestConfig {
  const env = new Map([
    ['PATH', DEFAULT_PATH],
    ['TERM', 'xterm-256color'],
  ]);
  for (const pair of image?.env ?? []) {
    const at = pair.indexOf('=');
    if (at > 0) env.set(pair.slice(0, at), pair.slice(at + 1));
  }
  for (const [key, value] of Object.entries(spec.env)) env.set(key, value);
  return {
    name: spec.hostname ?? spec.name,
    address: network ? `${network.address}/${network.prefixLength}` : null,
    gateway: network?.gateway ?? null,
    address6: network?.address6 ? `${network.address6}/64` : null,
    gateway6: network?.gateway6 ?? null,
    nameServer: network?.nameServer ?? null,
    ...(network && network.further.length > 0 ? { cards: [network, ...network.further].map(cardOf) } : {}),
    user: spec.user ?? image?.user ?? '',
    directory: spec.workingDir ?? (image?.workingDir || '/'),
    command: commandOf(spec, image),
    env: [...env].map(([key, value]) => `${key}=${value}`),
    isCopy,
    folders: spec.mounts.map((mount) => ({
      tag: folderTag(mount.target),
      target: mount.target,
      readOnly: mount.readOnly,
    })),
  };
}

function cardOf({ mac, address, prefixLength, gateway, address6, gateway6 }: CardView): Card {
  return {
    mac,
    address: `${address}/${prefixLength}`,
    gateway,
    address6: address6 === null ? null : `${address6}/64`,
    gateway6,
  };
}

/** The image's command belongs to the image's entrypoint: with another one it is not taken. */
function commandOf({ entrypoint, command }: Asked, image: ImageConfig | null): readonly string[] {
  if (entrypoint !== null) return [...entrypoint, ...(command ?? [])];
  return [...(image?.entrypoint ?? []), ...(command ?? image?.cmd ?? [])];
}

/** A tag's most bytes, by the specification of virtiofs. */
const TAG_BYTES = 36;

/**
 * The virtiofs tag of the folder that is seen there in the guest: the place itself where it is short and plain, so that a
 * person who mounts it can tell it, and the same at every start.
 */
export function folderTag(target: string): string {
  const place = posix.normalize(target).replace(/^\/+|\/+$/g, '');
  const isPlain = place.length <= TAG_BYTES && /^[A-Za-z0-9][\w./-]*$/.test(place);
  return isPlain ? place : `folder-${short(place)}`;
}

/** What QEMU calls the folder that is seen there in the guest. */
export function folderId(target: string): string {
  return `folder-${short(folderTag(target))}`;
}

const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Renders the fragment. Throws `invalid` for a NUL, which no program's argument can hold. */
export function renderGuestConfig(config: GuestConfig): string {
  const folders = config.folders.map(
    ({ tag, target, readOnly }) => `  folder ${quoted(tag)} ${quoted(target)} ${readOnly ? 'ro' : 'rw'}`,
  );
  return [
    `name=${quoted(config.name)}`,
    `address=${quoted(config.address ?? '')}`,
    `gateway=${quoted(config.gateway ?? '')}`,
    `address6=${quoted(config.address6 ?? '')}`,
    `gateway6=${quoted(config.gateway6 ?? '')}`,
    `name_server=${quoted(config.nameServer ?? '')}`,
    ...cardLines(config.cards ?? []),
    `user=${quoted(config.user)}`,
    `directory=${quoted(config.directory)}`,
    ...(config.isCopy ? ['copy=yes'] : []),
    ...(folders.length > 0 ? ['shared_folders() {', ...folders, '}', 'folders=shared_folders'] : []),
    ...commandLine(config.env, config.command.length > 0 ? setWords(config.command) : SHELLS),
    '',
  ].join('\n');
}

/** The first one's addresses are told above; here it gets its name. */
function cardLines([first, ...further]: readonly Card[]): string[] {
  if (!first) return [];
  const lines = further.map(({ mac, address, gateway, address6, gateway6 }, index) => {
    const words = [`eth${index + 1}`, mac, address, gateway ?? '', address6 ?? '', gateway6 ?? ''];
    return `  card ${words.slice(0, 2).map(quoted).join(' ')} && network ${[words[0] as string, ...words.slice(2)].map(quoted).join(' ')}`;
  });
  return [
    'first_card() {',
    `  card eth0 ${quoted(first.mac)}`,
    '}',
    'further_networks() {',
    ...lines,
    '}',
    'cards=yes',
  ];
}

/** A line of shell that makes a command the positional parameters. */
export function setWords(command: readonly string[]): string {
  return `set -- ${command.map(quoted).join(' ')}`;
}

/** The function that init calls in the guest's root. `words`: a line of shell that sets the positional parameters. */
export function commandLine(env: readonly string[], words: string): string[] {
  return [
    // $1: `uid:gid`, $2: home folder.
    'command_line() {',
    '  who=$1 home=$2',
    `  ${words}`,
    // busybox would take its own applet for a bare name, so the image's program is looked up first.
    `  program=$(find_program "$1" ${quoted(searchPath(env))}) || {`,
    '    echo "guesthouse: the image has no program $1" >&2; exit 127',
    '  }',
    '  shift; set -- "$program" "$@"',
    // Only a change of user needs start-stop-daemon; the pid file that never exists keeps it from looking for others.
    '  [ "$who" = 0:0 ] || {',
    '    shift',
    '    set -- "$OWN/busybox" start-stop-daemon -S -q -p "$OWN/none" -c "$who" -x "$program" -- "$@"',
    '  }',
    `  exec "$OWN/busybox" env -i "HOME=$home" ${env.map(quoted).join(' ')} "$@"`,
    '}',
  ];
}

function searchPath(env: readonly string[]): string {
  return env.find((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
}

/** One shell word: within single quotes everything is itself, and a single quote is `'\''`. */
export function quoted(text: string): string {
  if (text.includes('\0')) {
    throw new GuesthouseError({
      code: 'invalid',
      message: 'A command or environment variable contains a NUL character.',
      subject: text.slice(0, 40).replaceAll('\0', '␀'),
    });
  }
  return `'${text.replaceAll("'", "'\\''")}'`;
}
