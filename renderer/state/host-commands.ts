/** What can be done to the host: look whether it has what guests need, and mend what it lacks. */
import { type Finding, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { sentences } from '../messages/sentences.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { host } from './host.svelte.ts';
import { route } from './route.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const text = m.hosts;
const offline = () => (engine.link === 'open' ? null : m.guests.offline);

export const checkHost = (): Command =>
  command({
    id: 'host.check',
    title: text.checkAgain,
    icon: 'check',
    why: offline(),
    words: 'doctor host health fix',
    run: () => {
      route.section('hosts');
      return host.check(true);
    },
  });

/** Shows the command that mends it, then runs it. null: nothing here can. `failed`: told instead of a notice. */
export function mendCommand(
  { id, title, mend }: Finding,
  failed: (error: unknown) => void = (error) => {
    const { message, cause, hint } = toErrorShape(error);
    toasts.show(sentences(message, cause, hint));
  },
): Command | null {
  if (!mend) return null;
  return command({
    id: 'host.mend',
    title: text.mend.title(title),
    label: text.mend.act,
    icon: 'check',
    why: offline() ?? (mend.possible ? null : text.mend.needsRoot),
    words: 'doctor fix install repair',
    run: () =>
      asking.ask({
        title: text.mend.title(title),
        text: text.mend.text(mend.command),
        keep: m.frame.cancel,
        yes: text.mend.yes,
        run: () => void host.mend(id).catch(failed),
      }),
  });
}

export const hostCommands = (): Command[] => [
  checkHost(),
  ...(host.findings ?? []).flatMap((finding) => mendCommand(finding) ?? []),
];
