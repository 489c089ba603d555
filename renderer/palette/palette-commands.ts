/** Every action of every object, for what was typed: the further ones of guests only where a guest is meant. */

import { engine } from '../bridge/index.ts';
import { dockCommands } from '../console/dock-commands.ts';
import { chosenFileCommands } from '../files/chosen.svelte.ts';
import { catalogue } from '../state/catalogue.svelte.ts';
import { catalogueCommands } from '../state/catalogue-commands.ts';
import type { Command } from '../state/command.ts';
import { allCommands, type CommandGroup } from '../state/commands.ts';
import { house } from '../state/house.svelte.ts';
import { route } from '../state/route.svelte.ts';
import { paletteDetails } from './details.svelte.ts';
import { furtherCommands } from './further-commands.ts';
import { meantGuests } from './meant.ts';

/** `query` empty: what is offered before anything is typed. */
export function paletteCommands(query: string): CommandGroup[] {
  const more: Readonly<Partial<Record<CommandGroup['kind'], readonly Command[]>>> = {
    guest:
      query.trim() === ''
        ? []
        : [
            ...chosenFileCommands(),
            ...meant(query).flatMap((guest) => furtherCommands(guest, paletteDetails.of(guest.id))),
          ],
    image: query.trim() === '' ? [] : catalogueCommands(),
    window: dockCommands(),
  };
  return allCommands().map(({ kind, commands }) => ({ kind, commands: [...commands, ...(more[kind] ?? [])] }));
}

/** Has what is not kept of those that are meant fetched. */
export function askOfMeant(query: string): void {
  if (query.trim() === '') return;
  paletteDetails.ask(meant(query));
  if (!catalogue.loaded && catalogue.error === null && engine.link === 'open') void catalogue.load();
}

function meant(query: string) {
  const shown = route.place.view === 'guests' ? route.place.guest : null;
  return meantGuests([...house.guests.values()], query, shown);
}
