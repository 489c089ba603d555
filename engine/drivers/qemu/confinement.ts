/**
 * What QEMU may still do when a guest has broken out of it: nothing but use what it was handed. It never has a
 * capability, and where the engine is root it runs as a user that exists for this one guest only. That user can reach
 * no folder of ours, so QEMU's files come as descriptors (descriptors.ts) and its sockets lie in its working folder.
 */
import { statSync } from 'node:fs';
import { confinementArgv, ownUid } from '../../host/least-privilege.ts';
import { findProgram } from '../../host/tools.ts';

export interface Confinement {
  /** Words before QEMU's own, inside the house. Empty where setpriv is missing. */
  readonly prefix: readonly string[];
  /** User and group of QEMU; null: the one who runs the engine. */
  readonly uid: number | null;
  /** What is missing, as a sentence. */
  readonly note: string | null;
}

/** The devices of the host that this machine opens by name. */
export interface HostDevices {
  readonly kvm: boolean;
  readonly tap: boolean;
  /** Files of PCI devices. */
  readonly nodes: readonly string[];
}

export function confine(guestId: string, devices: HostDevices): Confinement {
  const setpriv = findProgram('setpriv');
  if (setpriv === null) return { prefix: [], uid: null, note: 'QEMU keeps all your rights: setpriv is not installed.' };
  const groups = process.getuid?.() === 0 ? deviceGroups(devices) : null;
  const uid = groups === null ? null : ownUid(guestId);
  const own = uid === null ? null : { uid, groups: groups ?? [] };
  return { prefix: confinementArgv(setpriv, own), uid, note: null };
}

/** Groups that open the devices for somebody without rights; null: one of them is root's alone. */
function deviceGroups({ kvm, tap, nodes }: HostDevices): number[] | null {
  const groups: number[] = [];
  for (const path of [...(kvm ? ['/dev/kvm'] : []), ...(tap ? ['/dev/net/tun'] : []), ...nodes]) {
    const { mode, gid } = statSync(path);
    if ((mode & 0o006) === 0o006) continue;
    if ((mode & 0o060) !== 0o060 || gid === 0) return null;
    groups.push(gid);
  }
  return groups;
}
