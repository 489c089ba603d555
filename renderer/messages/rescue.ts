/** Text of the disks of a machine that does not run, opened by a small machine of ours. */
import type { Rescue, RescueUser } from '../../engine/contract/index.ts';
import { plural } from './format.ts';

export const rescue = {
  region: 'Opened disks',
  closed:
    'Its files are on disks of its own. They can be opened while it does not run, by a small machine of ours: to look, to copy, or to let yourself in again.',
  running: 'Its files are on disks of its own, and it runs: it has them to itself.',
  open: 'Open disk',
  openHint: 'Nothing is changed on it',
  openToWrite: 'Open for writing…',
  askWrite: {
    title: (name: string): string => `Open the disks of ${name} for writing?`,
    text: 'What you change, and what the file systems mend by themselves, is on the disks at once. There is no way back but a copy.',
    keep: 'Keep them as they are',
    yes: 'Open for writing',
  },
  close: 'Close disk',
  opening: (step: string | null): string => step ?? 'Opening',
  state: ({ write, root, fileSystems }: Rescue): string => {
    const at = fileSystems.find(({ device }) => device === root);
    const what = at?.system ?? at?.label ?? 'no system';
    return `${what} on ${root ?? 'no file system'}, ${write ? 'writable' : 'read-only'}`;
  },
  unlock: 'Unlock…',
  unlockAsk: {
    title: (device: string): string => `Unlock ${device}`,
    passphrase: 'Passphrase',
    hint: 'Of the encrypted volume, as typed when its system starts. It is not kept.',
    keep: 'Cancel',
    yes: 'Unlock',
    done: (device: string): string => `${device} is open`,
  },
  more: (all: number): string => plural(all, { one: '# file system', other: '# file systems' }),
  fileSystems: 'File systems',
  device: 'Device',
  disk: 'Disk',
  size: 'Size',
  type: 'Type',
  holds: 'Holds',
  nothing: 'nothing known',
  isRoot: 'shown',
  writable: 'Writable',
  readOnly: 'Open them for writing first',
  isOpen: 'its disks are open',
  shell: 'Shell',
  logs: 'Logs',
  log: 'Log',
  files: 'Files',
  noLogs: 'There are no logs in /var/log.',
  lines: 'The last 500 lines',
  password: 'Reset password…',
  passwordAsk: {
    title: (name: string): string => `A new password in ${name}`,
    user: 'User',
    userHint: (users: readonly RescueUser[]): string =>
      users
        .map(({ name, password }) => `${name} (${{ set: 'has one', none: 'has none', locked: 'locked' }[password]})`)
        .join(', '),
    password: 'New password',
    hint: 'Only its hash is written. The account is unlocked, and what it was is kept in /etc/shadow-.',
    keep: 'Cancel',
    yes: 'Set password',
    done: (user: string): string => `The password of ${user} is set`,
  },
  key: 'Add SSH key…',
  keyAsk: {
    title: (name: string): string => `Let somebody into ${name} by SSH`,
    key: 'Public key',
    yes: 'Add key',
    done: (user: string): string => `The key of ${user} is added`,
  },
};
