/** Words for the contract's own terms: isolations, states, verbs, consoles. */
import type { ConsoleKind, GuestState, ImageKind, Isolation, OperationVerb } from '../../engine/contract/index.ts';
import { number, plural } from './format.ts';

export const words = {
  isolation: (isolation: Isolation): string => ({ container: 'Container', microvm: 'MicroVM', vm: 'VM' })[isolation],
  isolationLong: (isolation: Isolation): string =>
    ({ container: 'Container', microvm: 'MicroVM', vm: 'Full VM' })[isolation],
  aGuest: (isolation: Isolation): string => ({ container: 'container', microvm: 'microVM', vm: 'full VM' })[isolation],
  state: (state: GuestState): string =>
    ({
      creating: 'Creating',
      stopped: 'Stopped',
      starting: 'Starting',
      running: 'Running',
      paused: 'Paused',
      stopping: 'Stopping',
      deleting: 'Deleting',
      failed: 'Failed',
    })[state],
  /** Within a sentence. */
  anImage: (kind: ImageKind): string => ({ rootfs: 'file tree', disk: 'disk', iso: 'bootable medium' })[kind],
  imageKind: (kind: ImageKind): string => ({ rootfs: 'File tree', disk: 'Disk', iso: 'Bootable medium' })[kind],
  console: (kind: ConsoleKind): string =>
    ({ main: 'Main program', serial: 'Serial console', display: 'Display', exec: 'Shell', log: 'Log' })[kind],
  accelerator: (accelerator: 'kvm' | 'tcg'): string => (accelerator === 'kvm' ? 'KVM' : 'software emulation'),
  /** A verb as a button. */
  verb: (verb: OperationVerb): string =>
    ({
      create: 'Create',
      start: 'Start',
      stop: 'Stop',
      kill: 'Kill',
      restart: 'Restart',
      pause: 'Pause',
      resume: 'Resume',
      remove: 'Delete',
      'build-image': 'Build',
      'import-image': 'Import',
      'pull-image': 'Pull',
      'remove-image': 'Delete image',
      'save-image': 'Save image',
      commit: 'Save as image',
      prune: 'Clean up',
      update: 'Change',
      recreate: 'Make anew',
      clone: 'Clone',
      rename: 'Rename',
      export: 'Export',
      'import-guest': 'Import guest',
      'compact-disk': 'Compact',
      'check-disk': 'Check',
      'open-disk': 'Open disk',
      'close-disk': 'Close disk',
      snapshot: 'Take snapshot',
      restore: 'Restore',
      'remove-snapshot': 'Delete snapshot',
      branch: 'New guest from snapshot',
      suspend: 'Suspend',
    })[verb],
  /** What is going on: `Starting web`. */
  doing: (verb: OperationVerb, target: string): string =>
    `${
      {
        create: 'Creating',
        start: 'Starting',
        stop: 'Stopping',
        kill: 'Killing',
        restart: 'Restarting',
        pause: 'Pausing',
        resume: 'Resuming',
        remove: 'Deleting',
        'build-image': 'Building',
        'import-image': 'Importing',
        'pull-image': 'Pulling',
        'remove-image': 'Deleting image',
        'save-image': 'Saving image',
        commit: 'Saving as image',
        prune: 'Cleaning up',
        update: 'Changing',
        recreate: 'Making anew',
        clone: 'Cloning',
        rename: 'Renaming',
        export: 'Exporting',
        'import-guest': 'Importing guest',
        'compact-disk': 'Compacting a disk of',
        'check-disk': 'Checking a disk of',
        'open-disk': 'Opening the disks of',
        'close-disk': 'Closing the disks of',
        snapshot: 'Taking a snapshot of',
        restore: 'Restoring',
        'remove-snapshot': 'Removing a snapshot of',
        branch: 'Making a new guest of',
        suspend: 'Suspending',
      }[verb]
    } ${target}`,
  outcome: (state: 'running' | 'done' | 'failed' | 'cancelled'): string =>
    ({ running: 'Under way', done: 'Done', failed: 'Failed', cancelled: 'Cancelled' })[state],
  cores: (cpus: number): string => (cpus === 1 ? '1 core' : `${number(cpus)} cores`),
  guests: (n: number): string => plural(n, { one: '# guest', other: '# guests' }),
  networks: (n: number): string => plural(n, { one: '# network', other: '# networks' }),
  volumes: (n: number): string => plural(n, { one: '# volume', other: '# volumes' }),
  images: (n: number): string => plural(n, { one: '# image', other: '# images' }),
};
