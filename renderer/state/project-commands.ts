/** Projects of compose files: run one, take one down. */
import { type Guest, PROJECT_LABEL, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { type Command, command } from './command.ts';
import { composing } from './composing.svelte.ts';
import { house } from './house.svelte.ts';
import { prompting } from './prompting.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const text = m.compose;
const offline = () => (engine.link === 'open' ? null : m.guests.offline);

/** null: it belongs to none. */
export const projectOf = (guest: Guest): string | null => guest.spec.labels[PROJECT_LABEL] ?? null;

export const runCompose = (): Command =>
  command({
    id: 'project.run',
    title: text.command,
    label: text.label,
    icon: 'file',
    why: offline(),
    words: 'docker compose yaml project services up',
    run: () => composing.begin(null),
  });

export function takeDown(project: string): Command {
  return command({
    id: 'project.down',
    title: text.down.act(project),
    icon: 'trash',
    danger: true,
    why: offline(),
    words: 'compose down project remove',
    run: () => {
      const names = [...house.guests.values()].filter((guest) => projectOf(guest) === project).map(({ name }) => name);
      const shown = names.length > 6 ? [...names.slice(0, 5), m.frame.andMore(names.length - 5)] : names;
      prompting.ask({
        title: text.down.title(project),
        text: names.length > 0 ? text.down.text(m.format.list(shown)) : text.down.nothing,
        fields: [{ kind: 'check', key: 'volumes', label: text.down.volumes }],
        keep: text.down.keep,
        yes: text.down.yes,
        slow: true,
        run: async ({ volumes = '' }) => {
          try {
            await engine.call('compose.down', { project, volumes: volumes !== '' });
            toasts.show(text.down.done(project));
          } catch (thrown) {
            const error = toErrorShape(thrown);
            if (error.code !== 'cancelled')
              toasts.show([error.message, error.cause, error.hint].filter(Boolean).join(' '));
          }
        },
      });
    },
  });
}

/** Of a guest's project; none where it belongs to none. */
export function projectMenu(guest: Guest): Command[] {
  const project = projectOf(guest);
  return project === null ? [] : [takeDown(project)];
}

/** Of every project that has anything here. */
export function projectCommands(): Command[] {
  const labels = [
    ...[...house.guests.values()].map(({ spec }) => spec.labels),
    ...[...house.networks.values()].map((network) => network.labels),
  ];
  const projects = new Set(labels.flatMap((one) => one[PROJECT_LABEL] ?? []));
  return [runCompose(), ...[...projects].sort().map(takeDown)];
}
