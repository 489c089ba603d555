/** A device of the host that a machine is given, as a person names it. */
export interface HostDeviceRef {
  readonly bus: 'pci' | 'usb';
  /** PCI: its address, `0000:01:00.0`. USB: `vendor:product`, or `bus.device` for one of several alike. */
  readonly device: string;
}

/** A disk or partition of the host that a machine could be given as it is, with everything on it. */
export interface HostDisk {
  /** By a name that stays where there is one (`/dev/disk/by-id/…`), else as `device`. */
  readonly path: string;
  /** As the kernel calls it now: `/dev/sdb1`. */
  readonly device: string;
  /** What it calls itself; `''`: nothing. */
  readonly name: string;
  /** The disk it is a partition of; null: it is none. */
  readonly partOf: string | null;
  readonly sizeBytes: number;
  /** What is in the way of giving it to a machine, as sentences. Empty: nothing. */
  readonly blocks: readonly string[];
}

/** A device of the host that a machine could be given. */
export interface HostDevice {
  readonly bus: 'pci' | 'usb';
  /** `0000:01:00.0`; of USB `bus.device`, as lsusb counts: `1.4`. */
  readonly address: string;
  /** `vendor:device` in hexadecimal digits. */
  readonly ids: string;
  /** What it calls itself, or what kind of device it is. */
  readonly name: string;
  /** The host's driver that holds it; null: none. */
  readonly driver: string | null;
  /** PCI: devices of one group go to the same machine. null: the host has no IOMMU switched on. */
  readonly iommuGroup: number | null;
  /** Names of guests that are to have it, running or not; of those, one can at a time. Left out: none are. */
  readonly askedBy?: readonly string[];
  /** What is in the way of giving it to a machine, as sentences. Empty: nothing. */
  readonly blocks: readonly string[];
}
