/** Labels of guests: of one as a whole, of several as what is added and taken away. */
import { type Guest, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { bulk } from './bulk.svelte.ts';
import { type Command, command } from './command.ts';
import { pairsOf, prompting } from './prompting.svelte.ts';
import { isBusy } from './verbs.ts';

const text = m.list.label;

export function labelGuests(guests: readonly Guest[]): Command {
  const [first] = guests;
  const alone = guests.length === 1 && first !== undefined;
  const busy = guests.find((guest) => isBusy(guest.state));
  return command({
    id: alone ? 'guest.label' : 'guests.label',
    title: alone ? `${text.act}: ${first.name}` : `${text.act} ${guests.length}`,
    label: text.command,
    icon: 'tag',
    why: engine.link !== 'open' ? m.guests.offline : busy ? m.guests.why(busy.state) : null,
    words: 'tag group',
    run: () =>
      prompting.ask({
        title: text.title(guests.length, first?.name ?? ''),
        text: alone ? text.text : text.textSome,
        fields: [
          {
            kind: 'lines',
            key: 'labels',
            label: text.lines,
            placeholder: text.placeholder,
            value: alone ? linesOf(first.spec.labels) : '',
          },
        ],
        keep: text.keep,
        yes: text.act,
        run: async ({ labels = '' }) => {
          if (alone) return engine.call('guests.update', { guest: first.id, change: { labels: pairsOf(labels) } });
          void bulk.run(text.act, guests, (guest) =>
            engine
              .call('guests.update', { guest: guest.id, change: { labels: changed(guest.spec.labels, labels) } })
              .then(
                () => null,
                (thrown) => toErrorShape(thrown),
              ),
          );
        },
      }),
  });
}

const linesOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join('\n');

/** The labels with what the lines add, and without those they lead with `-`. Pure. */
export function changed(labels: Readonly<Record<string, string>>, lines: string): Record<string, string> {
  const after = { ...labels };
  for (const [key, value] of Object.entries(pairsOf(lines))) {
    if (key.startsWith('-')) delete after[key.slice(1)];
    else after[key] = value;
  }
  return after;
}
