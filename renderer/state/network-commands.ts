/** Everything that can be done to networks. */
import type { Network, NetworkDraft } from '../../engine/contract/index.ts';
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
    words: 'create network isolated nat bridged bridge',
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
            options: (['nat', 'isolated', 'bridged'] as const).map((value) => ({
              value,
              label: m.networks.modes[value],
              hint: `${m.networks.modeText[value]}.`,
            })),
          },
          { ...onBridge, key: 'bridge', label: text.bridge, placeholder: 'br0', hint: text.bridgeHint },
          {
            ...onBridge,
            key: 'range4',
            label: text.range,
            placeholder: '192.168.1.200-192.168.1.219',
            hint: text.rangeHint,
          },
          { ...onBridge, key: 'router4', label: text.router, placeholder: text.routerPlaceholder, optional: true },
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
        run: (values) => engine.call('networks.create', { draft: draftOf(values) }),
      }),
  });
}

const onBridge = { kind: 'text', mono: true, when: { key: 'mode', value: 'bridged' } } as const;

function draftOf(values: Readonly<Record<string, string>>): NetworkDraft {
  const of = (key: string) => values[key]?.trim() ?? '';
  const mode = values.mode === 'isolated' || values.mode === 'bridged' ? values.mode : 'nat';
  const router4 = of('router4');
  const outside = { bridge: of('bridge'), range4: of('range4'), ...(router4 ? { router4 } : {}) };
  return {
    name: of('name'),
    mode,
    ...(mode === 'bridged' ? { outside } : {}),
    ...(of('subnet4') ? { subnet4: of('subnet4') } : {}),
  };
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
