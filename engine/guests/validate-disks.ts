/** What can be wrong with a machine's further disks, and with a change of them. Pure. */
import type { DraftProblem } from '../contract/api.ts';
import { CD_DRIVE, isHostDisk, type MachineDisk, ROOT_DISK } from '../contract/disk.ts';
import type { ErrorShape } from '../contract/errors.ts';
import type { GuestSpec } from '../contract/guest.ts';
import { quote } from './quote.ts';

const NAME = /^[a-z][a-z0-9_-]{0,19}$/;
const MAX_GIB = 65_536;
/** As many as there are slots for on the board, with some left for other devices. */
export const MAX_DISKS = 16;

type Say = (field: string, error: ErrorShape) => void;

export function validateDisks(spec: GuestSpec, say: Say): void {
  const { disks } = spec;
  if (disks.length === 0) return;
  if (spec.isolation === 'container') {
    const hint = 'Give it a volume, or choose a VM.';
    say('disks', { code: 'invalid', message: 'A container has no disks.', hint });
    return;
  }
  if (disks.length > MAX_DISKS) {
    const message = `${disks.length} further disks are too many.`;
    say('disks', { code: 'invalid', message, hint: `Give at most ${MAX_DISKS}.` });
  }
  for (const [index, disk] of disks.entries()) {
    const field = (name: keyof MachineDisk) => `disks.${index}.${name}`;
    const isTaken = disks.some((other, at) => at < index && other.name === disk.name);
    checkName(disk.name, isTaken, (error) => say(field('name'), error));
    checkSize(disk, (error) => say(field('sizeGib'), error));
    if (disk.from !== null && disk.format !== (isHostDisk(disk) ? 'raw' : 'qcow2')) {
      const why = isHostDisk(disk) ? 'A disk of the host is always raw' : 'A difference to an image is always qcow2';
      say(field('format'), { code: 'invalid', message: `${why}.`, hint: 'Leave the format out.' });
    }
    if (isHostDisk(disk) && !/^\/dev\/[^\0\n]{1,200}$/.test(disk.from ?? '')) {
      const message = `${quote(disk.from ?? '')} is not a disk of the host.`;
      say(field('from'), { code: 'invalid', message, hint: 'Give a path below /dev, or import the file as an image.' });
    }
  }
}

function checkName(name: string, isTaken: boolean, say: (error: ErrorShape) => void): void {
  if (!NAME.test(name) || name === ROOT_DISK || name === CD_DRIVE) {
    say({
      code: 'invalid',
      message: `${quote(name)} cannot be the name of a further disk.`,
      hint: 'Use 1 to 20 of `a-z 0-9 - _`, starting with a letter; `root` and `cd` are taken.',
    });
  } else if (isTaken) {
    say({ code: 'conflict', message: `There are two disks named ${name}.`, hint: 'Choose another name for one.' });
  }
}

function checkSize(disk: MachineDisk, say: (error: ErrorShape) => void): void {
  const { sizeGib } = disk;
  if (sizeGib === null) {
    if (disk.from === null)
      say({ code: 'invalid', message: `The disk ${quote(disk.name)} has no size.`, hint: 'Give a size in GiB.' });
  } else if (isHostDisk(disk)) {
    say({ code: 'invalid', message: 'A disk of the host has the size it has.', hint: 'Leave the size out.' });
  } else if (!(sizeGib > 0 && sizeGib <= MAX_GIB)) {
    const message = `A disk of ${sizeGib} GiB is not possible.`;
    say({ code: 'invalid', message, hint: `Give a size from 1 to ${MAX_GIB} GiB.` });
  }
}

/** What a disk that is there already cannot become. */
export function problemsOfDiskChange(before: readonly MachineDisk[], after: readonly MachineDisk[]): DraftProblem[] {
  const problems: DraftProblem[] = [];
  for (const [index, disk] of after.entries()) {
    const old = before.find(({ name }) => name === disk.name);
    if (!old) continue;
    const say = (field: keyof MachineDisk, message: string, hint: string) =>
      problems.push({
        field: `disks.${index}.${field}`,
        error: { code: 'invalid', message, subject: `disks.${index}.${field}`, hint },
      });
    if (old.from !== disk.from || old.format !== disk.format)
      say('from', `The disk ${disk.name} stays what it is made from.`, 'Add a further disk instead.');
    else if (old.sizeGib !== disk.sizeGib && (disk.sizeGib === null || disk.sizeGib < (old.sizeGib ?? 0)))
      say('sizeGib', `The disk ${disk.name} can only become larger.`, `Give more than ${old.sizeGib} GiB.`);
  }
  return problems;
}
