/** Devices that each system has drivers for, on its installation medium already. Pure data. */
import type { DiskBus, GuestSystem, NicModel, SoundModel, VideoModel } from '../../../contract/machine.ts';

export interface Profile {
  readonly diskBus: DiskBus;
  readonly nic: NicModel;
  readonly video: VideoModel;
  readonly sound: SoundModel;
  /** The clock of the board shows the host's local time instead of UTC. */
  readonly localTime: boolean;
  /** It uses Hyper-V's paravirtual timers and interrupts where the processor offers them. */
  readonly hyperV: boolean;
  /** Its current releases start under UEFI only, or better. */
  readonly prefersUefi: boolean;
}

const UNIX: Profile = {
  diskBus: 'virtio',
  nic: 'virtio',
  video: 'std',
  sound: 'none',
  localTime: false,
  hyperV: false,
  prefersUefi: false,
};

export const PROFILES: Readonly<Record<GuestSystem, Profile>> = {
  linux: UNIX,
  freebsd: UNIX,
  openbsd: UNIX,
  netbsd: UNIX,
  // Without drivers from elsewhere it knows AHCI, Intel's network card and plain VGA.
  windows: {
    diskBus: 'sata',
    nic: 'e1000e',
    video: 'std',
    sound: 'hda',
    localTime: true,
    hyperV: true,
    prefersUefi: true,
  },
  // What nearly everything since 2000 has drivers for.
  other: { ...UNIX, diskBus: 'sata', nic: 'e1000' },
};
