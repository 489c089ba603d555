/** Every action of every object as one list, for the palette; and the commands the keyboard reaches right now. */
import type { Command } from './command.ts';
import { bulkCommand, guestCommand, guestCommands } from './guest-commands.ts';
import { editGuest, findMachines, importGuest, renameGuest } from './guest-life-commands.ts';
import { hostCommands } from './host-commands.ts';
import { house } from './house.svelte.ts';
import { imageCommands, storeCommands } from './image-commands.ts';
import { newNetwork, removeNetwork } from './network-commands.ts';
import { projectCommands } from './project-commands.ts';
import { pruneCommand } from './prune.ts';
import { route } from './route.svelte.ts';
import { selection } from './selection.svelte.ts';
import { removeTemplate, templates, useTemplate } from './template-commands.ts';
import { emptyTrashCommand, putBackCommand, trash, trashBytes } from './trash.svelte.ts';
import { isLive } from './verbs.ts';
import { measureVolume, newVolume, removeVolume } from './volume-commands.ts';
import { windowCommands } from './window-commands.ts';

export { type Command, runCommand } from './command.ts';
export { bulkCommand, consoleCommand, guestCommand, guestCommands } from './guest-commands.ts';
export { editGuest, lifeCommands } from './guest-life-commands.ts';
export {
  buildContainerfile,
  buildImage,
  imageCommands,
  imageMenu,
  isBuilt,
  pullImage,
} from './image-commands.ts';
export { labelGuests } from './label-commands.ts';
export { newNetwork, removeNetwork } from './network-commands.ts';
export { projectMenu, runCompose, takeDown } from './project-commands.ts';
export { pruneCommand } from './prune.ts';
export { refreshTemplates, removeTemplate, templates, useTemplate } from './template-commands.ts';
export { measureVolume, newVolume, removeVolume } from './volume-commands.ts';
export { windowCommands } from './window-commands.ts';

export interface CommandGroup {
  readonly kind: 'window' | 'guest' | 'image' | 'store';
  readonly commands: readonly Command[];
}

export function allCommands(): CommandGroup[] {
  const names = new Set([...house.images.values()].map((image) => image.name));
  return [
    { kind: 'guest', commands: [...house.guests.values()].flatMap(guestCommands) },
    {
      kind: 'window',
      commands: [...windowCommands(), importGuest(), findMachines(), ...projectCommands(), ...hostCommands()],
    },
    {
      kind: 'image',
      commands: [...storeCommands(names), ...[...house.images.values()].flatMap(imageCommands)],
    },
    {
      kind: 'store',
      commands: [
        newNetwork(),
        newVolume(),
        ...[...templates.values()].flatMap((template) => [useTemplate(template), removeTemplate(template)]),
        ...(trash.now?.guests ?? []).map(putBackCommand),
        ...(trash.now?.guests.length ? [emptyTrashCommand(trash.now.guests, trashBytes)] : []),
        pruneCommand('volumes'),
        pruneCommand('networks'),
        pruneCommand('left'),
        ...[...house.networks.values()].filter(({ builtIn }) => !builtIn).map(removeNetwork),
        ...[...house.volumes.values()].flatMap((volume) => [measureVolume(volume), removeVolume(volume)]),
      ],
    },
  ];
}

/** What the shortcuts of guests act on: the selection of the list, or the guest whose page is shown. */
export function currentCommands(): Command[] {
  if (route.place.view !== 'guests') return [];
  const chosen = [...selection.ids].flatMap((id) => house.guests.get(id) ?? []);
  if (chosen.length > 1) {
    const anyRuns = chosen.some((guest) => isLive(guest.state));
    const anyPaused = chosen.some((guest) => guest.state === 'paused');
    return [
      bulkCommand(chosen, anyRuns ? 'stop' : 'start'),
      bulkCommand(chosen, 'restart'),
      bulkCommand(chosen, anyPaused ? 'resume' : 'pause'),
      bulkCommand(chosen, 'remove'),
    ];
  }
  const guest = chosen[0] ?? (route.place.guest ? house.guests.get(route.place.guest) : undefined);
  if (!guest) return [];
  const runs = isLive(guest.state) || guest.state === 'starting';
  return [
    guestCommand(guest, runs ? 'stop' : 'start'),
    guestCommand(guest, 'restart'),
    guestCommand(guest, guest.state === 'paused' ? 'resume' : 'pause'),
    guestCommand(guest, 'remove'),
    editGuest(guest),
    renameGuest(guest),
  ];
}
