/** What can be wrong with limits of disk traffic. Pure. */
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec, IoLimits } from '../contract/guest.ts';

export function validateIo(spec: GuestSpec, say: (field: string, error: ErrorShape) => void): void {
  check('io', spec.io);
  for (const [index, { io }] of spec.disks.entries()) if (io) check(`disks.${index}.io`, io);

  function check(place: string, io: IoLimits): void {
    for (const [name, value] of Object.entries(io) as [keyof IoLimits, number | null][]) {
      if (value === null || (Number.isSafeInteger(value) && value >= 1)) continue;
      say(`${place}.${name}`, {
        code: 'invalid',
        message: `${value} is no limit of disk traffic.`,
        hint: 'Give a whole number from 1 on, or leave it out.',
      });
    }
  }
}
