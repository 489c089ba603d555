/** What can be done to a file or folder of a guest. */
import { type GuestFile, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from '../state/asking.svelte.ts';
import { type Command, command } from '../state/command.ts';
import { joinPath } from '../state/guest-path.ts';
import { prompting } from '../state/prompting.svelte.ts';
import type { Folder } from './folder.svelte.ts';
import type { Transfers } from './transfer.svelte.ts';

const text = m.files;

export interface Place {
  readonly guest: string;
  readonly folder: Folder;
  readonly transfers: Transfers;
}

const pathOf = ({ folder }: Place, file: GuestFile) => joinPath(folder.now?.path ?? '/', file.name);

export function downloadFile(place: Place, file: GuestFile): Command {
  const isFolder = file.kind === 'folder';
  return command({
    id: 'file.download',
    title: isFolder ? text.downloadFolder : text.download,
    icon: 'import',
    run: async () => {
      await place.transfers.download(place.guest, pathOf(place, file), file.name, isFolder);
    },
  });
}

export function renameFile(place: Place, file: GuestFile): Command {
  return command({
    id: 'file.rename',
    title: text.rename,
    icon: 'edit',
    keys: 'F2',
    run: () => {
      const path = pathOf(place, file);
      prompting.ask({
        title: text.renameTitle(file.name),
        fields: [{ kind: 'text', key: 'to', label: text.newName, value: file.name, mono: true }],
        keep: text.ask.keep,
        yes: text.ask.rename,
        run: ({ to = '' }) =>
          place.folder.after(() =>
            engine.call('files.rename', {
              guest: place.guest,
              path,
              to: to.startsWith('/') ? to : joinPath(place.folder.now?.path ?? '/', to),
            }),
          ),
      });
    },
  });
}

export function removeFile(place: Place, file: GuestFile): Command {
  return command({
    id: 'file.remove',
    title: text.delete(file.name),
    icon: 'trash',
    keys: 'Del',
    danger: true,
    run: () => {
      const path = pathOf(place, file);
      asking.ask({
        title: text.ask.deleteTitle(file.name),
        text: file.kind === 'folder' ? text.ask.deleteFolder : text.ask.deleteFile,
        keep: text.ask.keepIt(file.name),
        yes: text.delete(file.name),
        run: async () => {
          try {
            await place.folder.after(() => engine.call('files.remove', { guest: place.guest, path }));
          } catch (thrown) {
            place.folder.error = toErrorShape(thrown);
          }
        },
      });
    },
  });
}

export const makeFolder = (place: Place): Command =>
  command({
    id: 'file.folder',
    title: text.newFolder,
    icon: 'folder',
    run: () =>
      prompting.ask({
        title: text.ask.folder,
        fields: [{ kind: 'text', key: 'name', label: text.ask.folderName, mono: true }],
        keep: text.ask.keep,
        yes: text.ask.create,
        run: ({ name = '' }) =>
          place.folder.after(() =>
            engine.call('files.makeFolder', {
              guest: place.guest,
              path: name.startsWith('/') ? name : joinPath(place.folder.now?.path ?? '/', name),
            }),
          ),
      }),
  });
