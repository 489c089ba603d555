/** Everything that can be done to networks. */
import type { Network } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { prompting } from './prompting.svelte.ts';
import { storeTrouble } from './store-trouble.svelte.ts';

const offline = () => (engine.link === 'open' ? null : m.guests.offline);

export function newNetwork(): Command {
  const text = m.networks.ask;
  return command({
    id: 'network.new',
    title: m.networks.new,
    icon: 'plus',
    why: offline(),
    words: 'create network isolated nat',
    run: () =>
      prompting.ask({
        title: text.title,
        fields: [
          { kind: 'text', key: 'name', label: m.networks.name, placeholder: text.namePlaceholder },
          {
            kind: 'choice',
            key: 'mode',
            label: text.mode,
            value: 'nat',
            options: (['nat', 'isolated'] as const).map((value) => ({
              value,
              label: m.networks.modes[value],
              hint: `${m.networks.modeText[value]}.`,
            })),
          },
          {
            kind: 'text',
            key: 'subnet4',
            label: text.subnet,
            placeholder: text.subnetPlaceholder,
            hint: text.subnetHint,
            mono: true,
            optional: true,
          },
        ],
        keep: text.keep,
        yes: text.yes,
        run: ({ name = '', mode, subnet4 = '' }) =>
          engine.call('networks.create', {
            draft: {
              name: name.trim(),
              mode: mode === 'isolated' ? 'isolated' : 'nat',
              ...(subnet4.trim() ? { subnet4: subnet4.trim() } : {}),
            },
          }),
      }),
  });
}

export function removeNetwork(network: Network): Command {
  const text = m.networks.remove;
  return command({
    id: 'network.remove',
    title: m.networks.delete(network.name),
    icon: 'trash',
    danger: true,
    why:
      offline() ??
      (network.builtIn
        ? m.networks.whyBuiltIn
        : network.usedBy.length > 0
          ? m.networks.inUse(network.usedBy.length)
          : null),
    run: () =>
      asking.ask({
        title: text.title(network.name),
        text: text.text,
        keep: text.keep(network.name),
        yes: m.networks.delete(network.name),
        run: async () => {
          await storeTrouble.networks.during(() => engine.call('networks.remove', { network: network.id }));
        },
      }),
  });
}
