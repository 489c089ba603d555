/** Everything that can be done to images. */
import type { BuilderName, Image } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { draft } from './draft.svelte.ts';
import { overlays } from './overlays.svelte.ts';
import { pairsOf, prompting } from './prompting.svelte.ts';
import { pruneCommand } from './prune.ts';
import { route } from './route.svelte.ts';
import { readSetting } from './storage.ts';
import { storeTrouble } from './store-trouble.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { shownUsers } from './trash.svelte.ts';

const offline = () => (engine.link === 'open' ? null : m.guests.offline);

export function newFromImage(image: Image): Command {
  return command({
    id: 'image.new-guest',
    title: m.images.newFrom(image.name),
    label: m.frame.newGuest,
    icon: 'plus',
    run: () => {
      draft.chooseImage(image);
      route.go({ view: 'new' });
    },
  });
}

export function removeImage(image: Image): Command {
  const text = m.images.remove;
  const size = m.format.bytes(image.ownBytes);
  const inUse = image.usedBy.length > 0 ? m.images.inUse(m.format.list(shownUsers(image.usedBy.slice(0, 3)))) : null;
  return command({
    id: 'image.remove',
    title: m.images.delete(image.name),
    icon: 'trash',
    danger: true,
    why: offline() ?? inUse,
    run: () =>
      asking.ask({
        title: text.title(image.name),
        text: text.text(size),
        keep: text.keep(image.name),
        yes: text.yes(size),
        run: async () => {
          await storeTrouble.images.during(() => engine.call('images.remove', { image: image.id }));
        },
      }),
  });
}

function tagImage(image: Image): Command {
  const text = m.tag;
  return command({
    id: 'image.tag',
    title: `${text.command.replace('…', '')}: ${image.name}`,
    label: text.command,
    icon: 'tag',
    why: offline(),
    words: 'tag alias',
    run: () =>
      prompting.ask({
        title: text.title(image.name),
        text: text.text,
        fields: [{ kind: 'text', key: 'name', label: text.name, placeholder: m.build.namePlaceholder, mono: true }],
        keep: text.keep,
        yes: text.yes,
        run: ({ name = '' }) => engine.call('images.tag', { image: image.id, name: name.trim() }),
      }),
  });
}

function saveImage(image: Image): Command {
  const text = m.save;
  const name = `${image.name.replace(/[^\w.-]+/g, '_')}.tar`;
  return command({
    id: 'image.save',
    title: `${text.command.replace('…', '')}: ${image.name}`,
    label: text.command,
    icon: 'export',
    why: offline(),
    words: 'export archive',
    run: () =>
      prompting.ask({
        title: text.title(image.name),
        fields: [
          { kind: 'path', mode: 'save', key: 'path', label: text.path, value: inFolder(name), name },
          {
            kind: 'choice',
            key: 'format',
            label: text.format,
            value: 'docker',
            options: (['docker', 'oci'] as const).map((value) => ({
              value,
              label: text.formats[value],
              hint: text.formatHints[value],
            })),
          },
        ],
        keep: text.keep,
        yes: text.yes,
        slow: true,
        run: async ({ path = '', format }) => {
          const saved = await storeTrouble.images.during(() =>
            engine.call('images.save', { images: [image.name], path, format: format === 'oci' ? 'oci' : 'docker' }),
          );
          if (saved) toasts.show(text.saved(image.name, m.format.bytes(saved.sizeBytes)));
        },
      }),
  });
}

/** A new file in the folder last walked to. */
export const inFolder = (name: string): string => {
  const folder = readSetting<string>('folder', '');
  return folder ? `${folder.replace(/\/$/, '')}/${name}` : '';
};

/** `busybox` makes `busybox:latest`. */
export const isBuilt = (builder: BuilderName, names: ReadonlySet<string>): boolean =>
  names.has(builder) || names.has(`${builder}:latest`);

export function buildImage(builder: BuilderName, exists: boolean): Command {
  return command({
    id: `image.build.${builder}`,
    title: exists ? m.images.rebuild(builder) : m.images.build(builder),
    icon: 'images',
    why: offline(),
    words: 'image',
    run: async () => {
      await storeTrouble.images.during(() => engine.call('images.build', { builder }));
    },
  });
}

export function buildContainerfile(): Command {
  const text = m.build;
  return command({
    id: 'image.build-container',
    title: text.command,
    icon: 'file',
    why: offline(),
    words: 'dockerfile image',
    run: () =>
      prompting.ask({
        title: text.title,
        text: text.text,
        fields: [
          { kind: 'path', mode: 'folder', key: 'context', label: text.context, value: readSetting('folder', '') },
          { kind: 'text', key: 'name', label: text.name, placeholder: text.namePlaceholder, mono: true },
          { kind: 'path', mode: 'file', key: 'file', label: text.file, hint: text.fileHint, optional: true },
          { kind: 'lines', key: 'args', label: text.args, placeholder: text.argsPlaceholder },
          { kind: 'check', key: 'noCache', label: text.noCache },
        ],
        keep: text.keep,
        yes: text.yes,
        slow: true,
        run: async ({ context = '', name = '', file, args = '', noCache }) => {
          route.section('images');
          await storeTrouble.images.during(() =>
            engine.call('images.buildContainer', {
              context,
              name: name.trim(),
              ...(file ? { containerfile: file } : {}),
              ...(args.trim() ? { buildArgs: pairsOf(args) } : {}),
              ...(noCache ? { noCache: true } : {}),
            }),
          );
        },
      }),
  });
}

export const pullImage = (): Command =>
  command({
    id: 'image.pull',
    title: m.pull.title,
    label: m.pull.act,
    icon: 'import',
    why: offline(),
    words: 'registry docker hub download',
    run: () => {
      route.section('images');
      overlays.pull = true;
    },
  });

export const storeCommands = (names: ReadonlySet<string>): Command[] => [
  pullImage(),
  ...(['busybox', 'debian:12'] as const).map((name) => buildImage(name, isBuilt(name, names))),
  buildContainerfile(),
  pruneCommand('images'),
];

/** In groups, as a menu shows them. */
export const imageMenu = (image: Image): Command[][] => [
  [newFromImage(image)],
  [tagImage(image), ...(image.kind === 'rootfs' ? [saveImage(image)] : [])],
  [removeImage(image)],
];
export const imageCommands = (image: Image): Command[] => imageMenu(image).flat();
