/** The seed of a guest's first login as a medium: made anew for every start, in its run folder. */
import { writeFile } from 'node:fs/promises';
import { writeIso } from '../../../images/iso9660/write.ts';
import type { MemberView } from '../../../networks/house.ts';
import { macOfGuest } from '../../../networks/mac.ts';
import type { GuestRecord } from '../../driver.ts';
import { type SeedFiles, seedFiles } from './cloud-config.ts';

/** What cloud-init and its kin look for. */
const LABEL = 'CIDATA';
/** Nothing is to be read out of when it was made. */
const AT = new Date('2020-01-01T00:00:00Z');

/** Writes it; false: the guest asks for none. */
export async function writeSeed(
  path: string,
  guest: GuestRecord,
  network: MemberView | null,
  isCopy: boolean,
): Promise<boolean> {
  const { firstLogin } = guest.spec;
  if (!firstLogin) return false;
  const files = seedFiles({ id: guest.id, mac: macOfGuest(guest), spec: guest.spec, firstLogin, network, isCopy });
  await writeFile(path, seedIso(files), { mode: 0o600 });
  return true;
}

export function seedIso(files: SeedFiles): Buffer {
  const all = Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text, 'utf8') }));
  return writeIso({ label: LABEL, files: all, at: AT });
}
