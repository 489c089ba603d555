/** What can be done to a guest as a thing: edit, rename, export, make an image of it. */
import type { Guest } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { sentences } from '../messages/sentences.ts';
import { m } from '../messages.ts';
import { cloneGuest } from './clone-command.ts';
import { type Command, command } from './command.ts';
import { house } from './house.svelte.ts';
import { inFolder } from './image-commands.ts';
import { imageOf } from './image-of.ts';
import { overlays } from './overlays.svelte.ts';
import { type PromptField, prompting } from './prompting.svelte.ts';
import { route } from './route.svelte.ts';
import { suspendGuest } from './snapshot-commands.ts';
import { editing } from './spec-edit.svelte.ts';
import { saveTemplate } from './template-commands.ts';
import { toasts } from './toasts.svelte.ts';
import { told, whyBusy } from './told.ts';
import { isLive } from './verbs.ts';

const text = m.guests.life;

const whyRuns = (guest: Guest): string | null => whyBusy(guest) ?? (isLive(guest.state) ? text.stopFirst : null);

export const editGuest = (guest: Guest): Command =>
  command({
    id: 'guest.edit',
    title: `${m.edit.title}: ${guest.name}`,
    label: m.edit.title,
    icon: 'edit',
    keys: 'Alt E',
    why: whyBusy(guest),
    words: 'change configure ports environment memory',
    run: () => {
      editing.begin(guest);
      route.guest(guest.id, 'settings');
    },
  });

export const renameGuest = (guest: Guest): Command =>
  command({
    id: 'guest.rename',
    title: `${text.rename.act}: ${guest.name}`,
    label: text.rename.command,
    icon: 'tag',
    keys: 'F2',
    why: whyBusy(guest),
    run: () =>
      prompting.ask({
        title: text.rename.title(guest.name),
        text: text.rename.text,
        fields: [{ kind: 'text', key: 'name', label: text.name, value: guest.name }],
        keep: text.rename.keep,
        yes: text.rename.act,
        run: ({ name = '' }) => engine.call('guests.rename', { guest: guest.id, name: name.trim() }),
      }),
  });

const EXPORT_ENDINGS = { guesthouse: '.guest.tar', ova: '.ova', qcow2: '.qcow2' } as const;
type Export = keyof typeof EXPORT_ENDINGS;
const isExport = (format: string | undefined): format is Export => Object.hasOwn(EXPORT_ENDINGS, format ?? '');

export const exportGuest = (guest: Guest): Command => {
  const name = `${guest.name}${EXPORT_ENDINGS.guesthouse}`;
  const isMachine = guest.isolation !== 'container';
  const isOfContainerImage = imageOf(house.images.values(), guest.image)?.kind === 'rootfs';
  const formats: PromptField = {
    kind: 'choice',
    key: 'format',
    label: text.export.format,
    value: 'guesthouse',
    options: (Object.keys(EXPORT_ENDINGS) as Export[]).map((value) => ({
      value,
      label: text.export.formats[value],
      hint: sentences(
        text.export.formatHints[value],
        isOfContainerImage && value !== 'guesthouse' ? text.export.needsOurKernel : null,
      ),
    })),
  };
  return command({
    id: 'guest.export',
    title: `${text.export.act}: ${guest.name}`,
    label: text.export.command,
    icon: 'export',
    why: whyRuns(guest),
    words: 'save backup move ova ovf qcow2 virtualbox vmware',
    run: () =>
      prompting.ask({
        title: text.export.title(guest.name),
        text: isMachine ? text.export.machineText : text.export.text,
        fields: [
          ...(isMachine ? [formats] : []),
          { kind: 'path', mode: 'save', key: 'path', label: m.save.path, value: inFolder(name), name },
        ],
        keep: text.export.keep,
        yes: text.export.act,
        slow: true,
        run: ({ path: written = '', format: chosen }) =>
          told(async () => {
            const format = isExport(chosen) ? chosen : 'guesthouse';
            // A name that was left as proposed says what is in the file.
            const path = written.endsWith(name)
              ? `${written.slice(0, -name.length)}${guest.name}${EXPORT_ENDINGS[format]}`
              : written;
            const done = await engine.call('guests.export', { guest: guest.id, path, format });
            const said = text.export.done(guest.name, m.format.bytes(done.sizeBytes));
            toasts.show(done.needsOurKernel ? sentences(said, text.export.needsOurKernel) : said);
          }),
      }),
  });
};

/** Makes an image of what a container has become. */
export const commitGuest = (guest: Guest): Command =>
  command({
    id: 'guest.commit',
    title: `${text.commit.act}: ${guest.name}`,
    label: text.commit.command,
    icon: 'images',
    why: whyBusy(guest),
    words: 'commit snapshot image',
    run: () =>
      prompting.ask({
        title: text.commit.title(guest.name),
        text: text.commit.text,
        fields: [
          {
            kind: 'text',
            key: 'name',
            label: m.build.name,
            value: `${guest.name.toLowerCase()}:saved`,
            mono: true,
          },
        ],
        keep: text.commit.keep,
        yes: text.commit.act,
        slow: true,
        run: ({ name = '' }) =>
          told(async () => {
            const image = await engine.call('images.commit', { guest: guest.id, name: name.trim() });
            toasts.show(text.commit.done(image.name), {
              label: m.frame.toast.show,
              run: () => route.section('images'),
            });
          }),
      }),
  });

export const importGuest = (): Command =>
  command({
    id: 'guest.import',
    title: text.import.command,
    icon: 'import',
    why: engine.link === 'open' ? null : m.guests.offline,
    words: 'restore move exported ova ovf vmx virtualbox vmware libvirt vagrant disk',
    run: () =>
      prompting.ask({
        title: text.import.title,
        text: text.import.text,
        fields: [
          { kind: 'path', mode: 'file', key: 'path', label: m.save.path, look: true },
          { kind: 'text', key: 'name', label: text.name, placeholder: text.import.ownName, optional: true },
        ],
        keep: text.import.keep,
        yes: text.import.act,
        slow: true,
        run: ({ path = '', name = '' }) =>
          told(async () => {
            const made = await engine.call('guests.import', { path, ...(name.trim() ? { name: name.trim() } : {}) });
            route.guest(made.id, 'overview');
          }),
      }),
  });

export const findMachines = (): Command =>
  command({
    id: 'guest.find',
    title: text.find.command,
    icon: 'import',
    why: engine.link === 'open' ? null : m.guests.offline,
    words: 'import virtualbox libvirt virt-manager boxes',
    run: () => {
      overlays.found = true;
    },
  });

export const importFoundMachine = (ref: string): Promise<void> =>
  told(async () => {
    const made = await engine.call('guests.importFound', { ref });
    route.guest(made.id, 'overview');
  });

/** In the order of a menu. */
export const lifeCommands = (guest: Guest): Command[] => [
  editGuest(guest),
  renameGuest(guest),
  cloneGuest(guest),
  exportGuest(guest),
  saveTemplate(guest),
  ...(guest.isolation === 'container' ? [commitGuest(guest)] : [suspendGuest(guest)]),
];
