/** Every sentence of the window, in one place and typed, so that another language is another object of this shape. */
import { keepingApart } from './messages/apart.ts';
import { catalogue } from './messages/catalogue.ts';
import { compare } from './messages/compare.ts';
import { compose } from './messages/compose.ts';
import { create } from './messages/create.ts';
import { design } from './messages/design.ts';
import { disks } from './messages/disks.ts';
import { drop } from './messages/drop.ts';
import { edit } from './messages/edit.ts';
import { files, processes } from './messages/files.ts';
import { firstLogin } from './messages/first-login.ts';
import * as format from './messages/format.ts';
import { frame } from './messages/frame.ts';
import { guests } from './messages/guests.ts';
import { inside } from './messages/inside.ts';
import { list } from './messages/list.ts';
import { machine } from './messages/machine.ts';
import { pages } from './messages/pages.ts';
import { rescue } from './messages/rescue.ts';
import { resources } from './messages/resources.ts';
import { snapshots } from './messages/snapshots.ts';
import { storage } from './messages/storage.ts';
import { stores } from './messages/stores.ts';
import { templates } from './messages/templates.ts';
import { tour } from './messages/tour.ts';
import { trash } from './messages/trash.ts';
import { units } from './messages/units.ts';
import { words } from './messages/words.ts';

export const m = keepingApart({
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
  format,
});
export type Messages = typeof m;
