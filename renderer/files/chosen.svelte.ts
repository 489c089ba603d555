/** Where the Files tab that is shown stands, for whoever acts on it from elsewhere: the palette. */
import type { GuestFile } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';
import { type Command, command } from '../state/command.ts';
import { downloadFile, makeFolder, type Place, removeFile, renameFile } from './file-commands.ts';

class ChosenFile {
  /** `file`: the one the cursor is on; null: the folder is empty. */
  now = $state.raw<{ readonly place: Place; readonly file: GuestFile | null } | null>(null);
}
export const chosenFile = new ChosenFile();

/** What can be done to the chosen file and in its folder, each with the name it is about. */
export function chosenFileCommands(): Command[] {
  const { now } = chosenFile;
  if (now === null) return [];
  const { place, file } = now;
  if (file === null) return [makeFolder(place)];
  const named = (it: Command, title: string) => command({ ...it, title, words: 'file' });
  return [
    ...(file.kind === 'file' || file.kind === 'folder'
      ? [named(downloadFile(place, file), m.files.downloadNamed(file.name))]
      : []),
    named(renameFile(place, file), m.files.renameTitle(file.name)),
    named(removeFile(place, file), m.files.delete(file.name)),
    makeFolder(place),
  ];
}
