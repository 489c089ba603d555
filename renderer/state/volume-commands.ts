/** Everything that can be done to volumes. */
import type { Volume } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { pairsOf, prompting } from './prompting.svelte.ts';
import { storeTrouble } from './store-trouble.svelte.ts';
import { shownUsers } from './trash.svelte.ts';

const offline = () => (engine.link === 'open' ? null : m.guests.offline);

export function newVolume(): Command {
  const text = m.volumes.ask;
  return command({
    id: 'volume.new',
    title: m.volumes.new,
    icon: 'plus',
    why: offline(),
    words: 'create volume storage',
    run: () =>
      prompting.ask({
        title: text.title,
        fields: [
          { kind: 'text', key: 'name', label: m.volumes.name, placeholder: text.placeholder },
          { kind: 'lines', key: 'labels', label: text.labels, placeholder: text.labelsPlaceholder },
        ],
        keep: text.keep,
        yes: text.yes,
        run: ({ name = '', labels = '' }) =>
          engine.call('volumes.create', {
            name: name.trim(),
            ...(labels.trim() ? { labels: pairsOf(labels) } : {}),
          }),
      }),
  });
}

export function measureVolume(volume: Volume): Command {
  return command({
    id: 'volume.look',
    title: `${m.volumes.look}: ${volume.name}`,
    label: m.volumes.look,
    icon: 'restart',
    why: offline(),
    run: async () => {
      await storeTrouble.volumes.during(() => engine.call('volumes.inspect', { volume: volume.id }));
    },
  });
}

/** `bytes`: what it takes, where that was measured since the engine looked at it. */
export function removeVolume(volume: Volume, bytes: number | null = volume.sizeBytes): Command {
  const text = m.volumes.remove;
  const size = bytes ? text.sized(m.format.bytes(bytes)) : '';
  return command({
    id: 'volume.remove',
    title: m.volumes.delete(volume.name),
    icon: 'trash',
    danger: true,
    why:
      offline() ??
      (volume.usedBy.length > 0 ? m.volumes.inUse(m.format.list(shownUsers(volume.usedBy.slice(0, 3)))) : null),
    run: () =>
      asking.ask({
        title: text.title(volume.name),
        text: text.text(size),
        keep: text.keep(volume.name),
        yes: m.volumes.delete(volume.name),
        run: async () => {
          await storeTrouble.volumes.during(() => engine.call('volumes.remove', { volume: volume.id }));
        },
      }),
  });
}
