/** Shared folders as the system in a machine sees them: mounted and let go of, by a program run in it. */
import { posix } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { Mount } from '../../contract/guest.ts';
import { textOf } from '../../guest-files/tools.ts';
import type { GuestRecord } from '../driver.ts';
import { OWN_BUSYBOX } from './exec/request.ts';
import { folderTag, quoted } from './guest-config.ts';
import type { LiveMachine } from './live.ts';
import type { Programs } from './programs.ts';

/** An emulated, busy guest takes some seconds until it has found the device; the script itself waits for 20 s (ms). */
const MOUNT_TIMEOUT_MS = 60_000;
/** What was written is brought to the host first (ms). */
const UNMOUNT_TIMEOUT_MS = 60_000;

/**
 * $1: the tools (a busybox, or nothing for the system's own), $2: tag, $3: place, $4: `ro` or `rw`. Says one line: `done`,
 * `kernel` (it has no virtiofs) or `failed WHY`. The modules of our init are in its own root. A constant: it never holds data.
 */
const MOUNT = `t=$1
while read -r from at type rest; do
  [ "$from $type" = "$2 virtiofs" ] && echo done && exit
done </proc/mounts
known() { while read -r one; do case $one in *virtiofs) return 0 ;; esac; done </proc/filesystems; return 1; }
if ! known; then
  if [ -n "$t" ]; then
    while read -r one; do $t insmod "/proc/1/root/modules/$one.ko" 2>/dev/null; done </proc/1/root/modules/folders
  else
    modprobe virtiofs 2>/dev/null
  fi
fi
known || { echo kernel; exit; }
why=$($t mkdir -p "$3" 2>&1) || { echo "failed $why"; exit; }
tries=0
until why=$($t mount -t virtiofs -o "$4" "$2" "$3" 2>&1); do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { echo "failed $why"; exit; }
  $t sleep 0.2
done
echo done`;

/** $1, $2 as above. Says `done`, also when it was not mounted, or `busy WHY`. Places have octal numbers for blanks (proc(5)). */
const UNMOUNT = `t=$1
while read -r from at type rest; do
  [ "$from $type" = "$2 virtiofs" ] || continue
  why=$($t umount "$(printf %b "$at")" 2>&1) || { echo "busy $why"; exit; }
done </proc/mounts
echo done`;

type Inside = Pick<Programs, 'tool'>;

/** Mounts it where it is wanted. Throws `unsupported`, `guest-failed`, or as `tool` does. */
export async function mountInside(programs: Inside, machine: LiveMachine, guest: GuestRecord, mount: Mount) {
  if (!(await canAsk(machine))) return machine.note(howToMount(mount));
  const { target, readOnly } = mount;
  const said = await ask(programs, machine, guest, MOUNT, MOUNT_TIMEOUT_MS, [
    folderTag(target),
    target,
    readOnly ? 'ro' : 'rw',
  ]);
  if (said === 'done') return;
  if (said === 'kernel') {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `Folders cannot be shared with ${guest.spec.name}.`,
      subject: target,
      cause: 'The kernel in it has no virtiofs.',
      hint: 'Linux has it from 5.4 on, where it was built with CONFIG_VIRTIO_FS. Copy the files instead (`guesthouse cp`).',
    });
  }
  throw new GuesthouseError({
    code: 'guest-failed',
    message: `${guest.spec.name} could not mount the folder ${target}.`,
    subject: target,
    cause: said.replace(/^failed /, '').slice(0, 300) || 'It gave no reason.',
    hint: 'Choose another place, or look at the console of the guest.',
  });
}

/** Makes the system let go of it. Throws `conflict` when something in the guest uses it; then it stays. */
export async function unmountInside(
  programs: Inside,
  machine: LiveMachine,
  guest: GuestRecord,
  { target }: Pick<Mount, 'target'>,
): Promise<void> {
  if (!(await canAsk(machine))) {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `Nobody in ${guest.spec.name} can be asked whether the folder ${target} is in use.`,
      subject: target,
      cause: 'It runs a system of its own, in which no qemu-guest-agent answers.',
      hint: 'Unmount it there and stop the machine, or install qemu-guest-agent.',
    });
  }
  const said = await ask(programs, machine, guest, UNMOUNT, UNMOUNT_TIMEOUT_MS, [folderTag(target)]);
  if (said === 'done') return;
  throw new GuesthouseError({
    code: 'conflict',
    message: `${guest.spec.name} still uses the folder ${target}; it stays.`,
    subject: target,
    cause: said.replace(/^busy /, '').slice(0, 300),
    hint: 'End the programs in the guest that have files of it open or stand in it, then try again; or stop the guest first.',
  });
}

/** What a person types in a system of their own. */
export function howToMount({ target, readOnly }: Pick<Mount, 'target' | 'readOnly'>): string {
  const word = (text: string) => (/^[\w./-]+$/.test(text) ? text : quoted(text));
  const place = posix.normalize(target);
  return `Its system mounts the folder ${target} by: mount -t virtiofs ${readOnly ? '-o ro ' : ''}${word(folderTag(target))} ${word(place)}`;
}

async function canAsk({ record, guestAgent }: LiveMachine): Promise<boolean> {
  return record.agent || (await guestAgent.isThere().catch(() => false));
}

async function ask(
  programs: Inside,
  { record }: LiveMachine,
  guest: GuestRecord,
  script: string,
  timeoutMs: number,
  words: readonly string[],
): Promise<string> {
  const shell = record.agent ? [OWN_BUSYBOX, 'sh'] : ['/bin/sh'];
  const command = [...shell, '-c', script, 'sh', record.agent ? OWN_BUSYBOX : '', ...words];
  return (await textOf(programs.tool(guest, command, { timeoutMs }))).toString().trim();
}
