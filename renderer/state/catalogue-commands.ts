/** What can be done with an entry of the catalogue: a guest is made of it, after it was fetched where it is not here. */
import type { CatalogueEntry } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { catalogue } from './catalogue.svelte.ts';
import { type Command, command } from './command.ts';
import { draft } from './draft.svelte.ts';
import { route } from './route.svelte.ts';
import { storeTrouble } from './store-trouble.svelte.ts';

/** Of those the catalogue was read of; see `catalogue.load`. */
export const catalogueCommands = (): Command[] => catalogue.found('').map(takeEntry);

function takeEntry(entry: CatalogueEntry): Command {
  const text = m.catalogue;
  const here = catalogue.imageOf(entry);
  const busy = catalogue.fetching === null || here ? null : text.busy;
  return command({
    id: 'catalogue.take',
    title: here ? m.images.newFrom(entry.title) : text.fetchNew(entry.title),
    icon: here ? 'plus' : 'import',
    why: engine.link === 'open' ? busy : m.guests.offline,
    words: `catalogue download system image ${entry.name} ${entry.kind} ${entry.architecture}`,
    run: async () => {
      if (here) draft.chooseImage(here);
      else draft.source = 'catalogue';
      catalogue.wanted = here ? '' : entry.name;
      route.go({ view: 'new' });
      // Without a mirror it is asked for there.
      if (here || !catalogue.vendor(entry)?.mirrors.length) return;
      const image = await storeTrouble.images.during(() => catalogue.fetch(entry));
      if (image) draft.chooseImage(image);
    },
  });
}
