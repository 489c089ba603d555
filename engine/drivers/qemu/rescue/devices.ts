/** The list of block devices that a rescue gives (assets/rescue-init/init). Pure. */

const SECTOR_BYTES = 512;
/** Partitions beyond are not looked at. */
const MAX_DEVICES = 128;
/** At its first read of a disk the kernel finds these; names come from its drivers, never from the disk. */
const DEVICE = /^(?:vd[a-z]{1,2}\d{0,3}|dm-\d{1,3}|md\d{1,3})$/;

/** A disk of a rescue, a partition on one, or what was made of several. */
export interface Device {
  readonly device: string;
  readonly sizeBytes: number;
  readonly parent: string | null;
  readonly serial: string;
}

/** `NAME SECTORS PARENT SERIAL` each. */
export function parseDevices(text: string): Device[] {
  return text
    .split('\n')
    .flatMap((line) => {
      const [device = '', sectors = '', parent = '-', ...serial] = line.split(' ');
      if (!DEVICE.test(device) || !/^\d{1,15}$/.test(sectors)) return [];
      return [
        {
          device,
          sizeBytes: Number(sectors) * SECTOR_BYTES,
          parent: parent === '-' ? null : parent,
          serial: serial
            .join(' ')
            .replace(/[^\x20-\x7e]/g, '?')
            .slice(0, 128),
        },
      ];
    })
    .sort((a, b) => a.device.localeCompare(b.device, 'en', { numeric: true }))
    .slice(0, MAX_DEVICES);
}
