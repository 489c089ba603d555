/** Several files into a folder, one after the other; one that is there already is asked about. */
import { m } from '../messages.ts';
import { asking } from '../state/asking.svelte.ts';
import type { Place } from './file-commands.ts';

const text = m.files.transfer;

export async function uploadAll(place: Place, files: readonly File[]): Promise<void> {
  const path = place.folder.now?.path;
  if (path === undefined) return;
  const there = new Set(place.folder.now?.entries.map(({ name }) => name));
  const fresh = files.filter(({ name }) => !there.has(name));
  for (const file of fresh) if (!(await place.transfers.upload(place.guest, path, file))) break;
  await place.folder.again();
  ask(
    place,
    path,
    files.filter(({ name }) => there.has(name)),
  );
}

function ask(place: Place, path: string, files: readonly File[]): void {
  const [first] = files;
  if (!first) return;
  const names = m.format.list(files.map(({ name }) => name));
  asking.ask({
    title: text.replaceTitle(names),
    text: text.replaceText,
    keep: text.replaceKeep,
    yes: text.replaceYes(files.length === 1 ? first.name : String(files.length)),
    run: async () => {
      for (const file of files) if (!(await place.transfers.upload(place.guest, path, file))) break;
      await place.folder.again();
    },
  });
}
