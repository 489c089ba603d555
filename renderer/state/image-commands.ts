/** Everything that can be done to images. */
import type { BuilderName, Image } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { draft } from './draft.svelte.ts';
import { imageTrouble } from './image-trouble.svelte.ts';
import { route } from './route.svelte.ts';

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
  const size = m.format.bytes(image.sizeBytes);
  const inUse = image.usedBy.length > 0 ? m.images.inUse(m.format.list(image.usedBy.slice(0, 3))) : null;
  return command({
    id: 'image.remove',
    title: m.images.delete(image.name),
    icon: 'trash',
    danger: true,
    why: engine.link !== 'open' ? m.guests.offline : inUse,
    run: () =>
      asking.ask({
        title: text.title(image.name),
        text: text.text(size),
        keep: text.keep(image.name),
        yes: text.yes(size),
        run: async () => {
          await imageTrouble.during(m.images.delete(image.name), () =>
            engine.call('images.remove', { image: image.id }),
          );
        },
      }),
  });
}

/** `busybox` makes `busybox:latest`. */
export const isBuilt = (builder: BuilderName, names: ReadonlySet<string>): boolean =>
  names.has(builder) || names.has(`${builder}:latest`);

export function buildImage(builder: BuilderName, exists: boolean): Command {
  return command({
    id: `image.build.${builder}`,
    title: exists ? m.images.rebuild(builder) : m.images.build(builder),
    icon: 'images',
    why: engine.link === 'open' ? null : m.guests.offline,
    words: 'image',
    run: async () => {
      await imageTrouble.during(m.images.build(builder), () => engine.call('images.build', { builder }));
    },
  });
}

export const imageCommands = (image: Image): Command[] => [newFromImage(image), removeImage(image)];
