/** What a machine is made of that is not its own: its image, its network, its medium. */
import { GuesthouseError } from '../../contract/errors.ts';
import { exists } from '../../host/files.ts';
import type { MachineImage } from '../../images/store.ts';
import type { HouseMember } from '../../networks/house.ts';
import { memberOf } from '../../networks/members.ts';
import type { DriverContext, GuestRecord, OperationContext } from '../driver.ts';

/** The image's disk and kernel; null for a machine that starts from its ISO. */
export async function machineImage(
  { images }: DriverContext,
  guest: GuestRecord,
  operation: OperationContext,
): Promise<MachineImage | null> {
  if (guest.imageId === null || images.get(guest.imageId).kind === 'iso') return null;
  // The same size at creation and at every start: the guest's disk is a difference to just this one.
  return images.machine(guest.imageId, operation, { diskGib: guest.spec.diskGib });
}

/** null for a guest without a network. */
export function houseMember(guest: GuestRecord): HouseMember | null {
  return memberOf(guest);
}

/** Throws `not-found`. */
export async function requireIso(path: string): Promise<void> {
  if (await exists(path)) return;
  throw new GuesthouseError({
    code: 'not-found',
    message: 'The ISO file is not there.',
    subject: path,
    hint: 'Put it back, or create the guest with another one.',
  });
}
