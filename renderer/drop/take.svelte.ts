/** What becomes of files that are dropped: a guest's files, an image and a form filled in, or a guest. */
import type { Guest } from '../../engine/contract/index.ts';
import { GuesthouseError, toErrorShape } from '../../engine/contract/index.ts';
import { Folder } from '../files/folder.svelte.ts';
import { Transfers } from '../files/transfer.svelte.ts';
import { uploadAll } from '../files/upload.ts';
import { sentences } from '../messages/sentences.ts';
import { m } from '../messages.ts';
import { composing } from '../state/composing.svelte.ts';
import { draft } from '../state/draft.svelte.ts';
import { prompting } from '../state/prompting.svelte.ts';
import { route } from '../state/route.svelte.ts';
import { readSetting, writeSetting } from '../state/storage.ts';
import { storeTrouble } from '../state/store-trouble.svelte.ts';
import { toasts } from '../state/toasts.svelte.ts';
import { kindOf } from './kinds.ts';

const text = m.drop;
/** As the engine has it. */
const MAX_PROJECT_BYTES = 1024 * 1024;

/** What is on its way now; one file after the other. */
export const transfers = new Transfers();

/** Asks where to, then copies. The form shows what is in the way; afterwards a notice does. */
export function copyInto(guest: Guest, files: readonly File[]): void {
  if (isBusy()) return;
  const names = m.format.list(files.map(({ name }) => name));
  prompting.ask({
    title: text.into.title(names, guest.name),
    fields: [{ kind: 'text', key: 'folder', label: text.into.folder, value: readSetting('drop', '/tmp'), mono: true }],
    keep: m.frame.cancel,
    yes: text.into.yes,
    run: async ({ folder: path = '/' }) => {
      const folder = new Folder(guest.id);
      if (!(await folder.go(path.trim() || '/')))
        throw new GuesthouseError(folder.error ?? { code: 'internal', message: path });
      writeSetting('drop', path);
      void copy(guest, folder, files);
    },
  });
}

async function copy(guest: Guest, folder: Folder, files: readonly File[]): Promise<void> {
  await uploadAll({ guest: guest.id, folder, transfers }, files, (done) => {
    if (transfers.error) tell(transfers.error);
    else if (done.length > 0) {
      const show = { label: text.show, run: () => route.guest(guest.id, 'files') };
      toasts.show(text.into.done(m.format.list(done), done.length, guest.name, folder.now?.path ?? '/'), show);
    }
  });
}

/** What a guest is made from is taken in; what else there is says why it is not. */
export async function takeIn(files: readonly File[]): Promise<void> {
  if (isBusy()) return;
  for (const file of files) {
    const kind = file.size > 0 ? kindOf(file.name) : null;
    if (kind === null) toasts.show(text.unknown(file.name));
    else if (kind === 'project') await project(file);
    else await take(file, kind);
    if (transfers.error) break;
  }
}

async function take(file: File, as: 'image' | 'guest'): Promise<void> {
  if (as === 'image') {
    storeTrouble.images.forget();
    draft.source = 'image';
    route.go({ view: 'new' });
  }
  await transfers.give(file, as, async (end) => {
    try {
      const made = await end;
      if (made.made === 'guest') route.guest(made.guest.id, 'overview');
      else draft.chooseImage(made.image);
    } catch (thrown) {
      tell(toErrorShape(thrown), as);
    }
  });
  if (transfers.error) tell(transfers.error, as);
}

/** Only its text comes with a dropped file. */
async function project(file: File): Promise<void> {
  if (file.size > MAX_PROJECT_BYTES) toasts.show(m.compose.tooLarge(file.name));
  else composing.begin({ text: await file.text(), name: file.name });
}

/** Where it is looked for: the form of a new guest shows what is wrong with images; all else is a notice. */
function tell(error: ReturnType<typeof toErrorShape>, as: 'image' | 'guest' = 'guest'): void {
  transfers.error = null;
  if (error.code === 'cancelled') return;
  if (as === 'image') storeTrouble.images.report(error);
  else toasts.show(sentences(error.message, error.cause, error.hint));
}

function isBusy(): boolean {
  if (transfers.going) toasts.show(text.busy(transfers.going.name));
  return transfers.going !== null;
}
