/** What can be done to a guest beside its menu: its tabs, snapshots, disks and devices. The palette has them by its name. */
import type { ErrorShape, Guest, GuestDisk, SnapshotTree } from '../../engine/contract/index.ts';
import { sentences } from '../messages/sentences.ts';
import { m } from '../messages.ts';
import { rescueShell } from '../rescue/rescue-shell.ts';
import { type Command, command } from '../state/command.ts';
import { addDisk, diskCommands, insertMedium } from '../state/disk-commands.ts';
import { editGuest } from '../state/guest-life-commands.ts';
import { TABS } from '../state/path.ts';
import { addKey, closeDisks, openDisks, openToWrite, resetPassword, unlockDevice } from '../state/rescue-commands.ts';
import { route } from '../state/route.svelte.ts';
import { giveUpMemory, scheduleSnapshots, snapshotCommands, takeSnapshot } from '../state/snapshot-commands.ts';
import { toasts } from '../state/toasts.svelte.ts';

/** What the engine tells of a guest when it is asked. */
export interface GuestDetails {
  readonly tree: SnapshotTree | null;
  readonly disks: readonly GuestDisk[];
}
export const NO_DETAILS: GuestDetails = { tree: null, disks: [] };

/** Elsewhere a failure stands beside the button; here there is none. */
const report = ({ message, cause, hint }: ErrorShape): void => void toasts.show(sentences(message, cause, hint));

export function furtherCommands(guest: Guest, { tree, disks }: GuestDetails = NO_DETAILS): Command[] {
  // The dots say that a form follows; between words they would be noise.
  const named = (it: Command): Command => ({ ...it, title: `${it.title.replace('…', '')}: ${guest.name}` });
  const of = (it: Command): Command => ({ ...it, title: `${it.title.replace('…', '')}, ${guest.name}` });
  const machine = guest.isolation !== 'container';
  return [
    ...TABS.map((tab) =>
      command({
        id: `guest.tab.${tab}`,
        title: `${m.guests.tab(tab)}: ${guest.name}`,
        icon: 'guests',
        words: 'tab page',
        run: () => route.guest(guest.id, tab),
      }),
    ),
    named(takeSnapshot(guest, tree)),
    named(scheduleSnapshots(guest, tree)),
    ...(tree?.snapshots ?? []).flatMap((snapshot) =>
      snapshotCommands(guest, tree as SnapshotTree, snapshot)
        .flat()
        .map(of),
    ),
    ...(guest.suspendedAt === undefined ? [] : [named(giveUpMemory(guest))]),
    ...(machine ? [named(insertMedium(guest)), named(addDisk(guest)), hostDevices(guest)] : []),
    ...disks.flatMap((disk) => diskCommands(guest, disk).flat().map(of)),
    ...(machine ? rescueCommands(guest).map(named) : []),
  ];
}

/** Chosen among the machine's settings. */
function hostDevices(guest: Guest): Command {
  const edit = editGuest(guest);
  return command({
    id: 'guest.host-devices',
    title: `${m.machine.hostDevicesCommand}: ${guest.name}`,
    icon: 'link',
    why: edit.why,
    words: 'usb pci passthrough device',
    run: () => edit.run(),
  });
}

function rescueCommands(guest: Guest): Command[] {
  const { rescue, state } = guest;
  if (!rescue) return state === 'stopped' || state === 'failed' ? [openDisks(guest, report)] : [];
  const locked = rescue.fileSystems.filter((one) => one.locked);
  return [
    ...(rescue.write ? [] : [openToWrite(guest, report)]),
    ...locked.map(({ device }) => unlockDevice(guest, device)),
    rescueShell(guest, report),
    resetPassword(guest, report),
    addKey(guest, report),
    closeDisks(guest, report),
  ];
}
