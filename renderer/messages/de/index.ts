/** Deutsch. Was hier fehlt, steht englisch da; translation.test.ts nennt es. */
import type { Translation } from '../language.ts';
import { catalogue } from './catalogue.ts';
import { compare } from './compare.ts';
import { compose } from './compose.ts';
import { console } from './console.ts';
import { create } from './create.ts';
import { design } from './design.ts';
import { disks } from './disks.ts';
import { drop } from './drop.ts';
import { edit } from './edit.ts';
import { files, processes } from './files.ts';
import { firstLogin } from './first-login.ts';
import { frame } from './frame.ts';
import { graphs } from './graphs.ts';
import { guests } from './guests.ts';
import { inside } from './inside.ts';
import { list } from './list.ts';
import { machine } from './machine.ts';
import { pages } from './pages.ts';
import { rescue } from './rescue.ts';
import { resources } from './resources.ts';
import { snapshots } from './snapshots.ts';
import { storage } from './storage.ts';
import { stores } from './stores.ts';
import { templates } from './templates.ts';
import { tour } from './tour.ts';
import { trash } from './trash.ts';
import { units } from './units.ts';
import { words } from './words.ts';

export const de: Translation = {
  window: {
    ...pages,
    ...stores,
    storage,
    templates,
    tour,
    trash,
    words,
    units,
    frame,
    guests,
    catalogue,
    compare,
    compose,
    create,
    design,
    disks,
    drop,
    edit,
    firstLogin,
    inside,
    list,
    machine,
    resources,
    files,
    processes,
    snapshots,
    rescue,
  },
  console,
  graphs,
};
