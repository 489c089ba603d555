/** Several files into a folder, one after the other; one that is there already is asked about. */
import { m } from '../messages.ts';
import { asking } from '../state/asking.svelte.ts';
import type { Place } from './file-commands.ts';

const text = m.files.transfer;

/** `ondone`: with the names of those that are there now, each time some are. */
export async function uploadAll(
  place: Place,
  files: readonly File[],
  ondone: (names: readonly string[]) => void = () => {},
): Promise<void> {
  const path = place.folder.now?.path;
  if (path === undefined) return;
  const there = new Set(place.folder.now?.entries.map(({ name }) => name));
  const fresh = files.filter(({ name }) => !there.has(name));
  await oneByOne(place, path, fresh, ondone);
  ask(
    place,
    path,
    files.filter(({ name }) => there.has(name)),
    ondone,
  );
}

async function oneByOne(
  place: Place,
  path: string,
  files: readonly File[],
  ondone: (names: readonly string[]) => void,
): Promise<void> {
  if (files.length === 0) return;
  const done: string[] = [];
  for (const file of files) {
    if (!(await place.transfers.upload(place.guest, path, file))) break;
    done.push(file.name);
  }
  await place.folder.again();
  ondone(done);
}

function ask(place: Place, path: string, files: readonly File[], ondone: (names: readonly string[]) => void): void {
  const [first] = files;
  if (!first) return;
  const names = m.format.list(files.map(({ name }) => name));
  asking.ask({
    title: text.replaceTitle(names),
    text: text.replaceText,
    keep: text.replaceKeep,
    yes: text.replaceYes(files.length === 1 ? first.name : String(files.length)),
    run: () => oneByOne(place, path, files, ondone),
  });
}
