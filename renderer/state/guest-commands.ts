/** Everything that can be done to a guest, or to several at once. */
import type { ConsoleKind, Guest } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import type { IconName } from '../ui/icons.ts';
import { acting } from './acting.svelte.ts';
import { asking } from './asking.svelte.ts';
import { bulk } from './bulk.svelte.ts';
import { type Command, command } from './command.ts';
import { consolesOf, openConsole, whyNoConsole } from './consoles.ts';
import { lifeCommands } from './guest-life-commands.ts';
import { labelGuests } from './label-commands.ts';
import { route } from './route.svelte.ts';
import { trash } from './trash.svelte.ts';
import { allows, type GuestVerb, isLive } from './verbs.ts';

const ICON: Record<GuestVerb, IconName> = {
  start: 'start',
  stop: 'stop',
  kill: 'kill',
  restart: 'restart',
  pause: 'pause',
  resume: 'start',
  remove: 'trash',
};
const KEYS: Record<GuestVerb, string> = {
  start: 'Alt S',
  stop: 'Alt S',
  kill: '',
  restart: 'Alt R',
  pause: 'Alt P',
  resume: 'Alt P',
  remove: 'Del',
};

/** Why the verb cannot be done now, or null. */
function whyNot(guest: Guest, verb: GuestVerb): string | null {
  if (engine.link !== 'open') return m.guests.offline;
  if (guest.rescue && (verb === 'start' || verb === 'restart')) return m.rescue.isOpen;
  return allows(guest.state, verb) ? null : m.guests.why(guest.state);
}

export function guestCommand(guest: Guest, verb: GuestVerb): Command {
  const asks = verb === 'remove' || verb === 'kill';
  return command({
    id: `guest.${verb}`,
    title: m.guests.act(verb, guest.name),
    label: verb === 'remove' ? m.guests.act(verb, guest.name) : m.words.verb(verb),
    icon: ICON[verb],
    keys: KEYS[verb],
    danger: asks,
    why: whyNot(guest, verb),
    words: `${guest.image ?? ''} ${guest.isolation}`,
    run: async () => {
      if (verb === 'remove') await askRemove([guest]);
      else if (verb === 'kill') askKill(guest);
      else await acting.act(guest, verb);
    },
  });
}

export function consoleCommand(guest: Guest, kind: ConsoleKind): Command {
  return command({
    id: `guest.console.${kind}`,
    title: `${m.guests.openConsole(m.words.console(kind))}: ${guest.name}`,
    label: m.guests.openConsole(m.words.console(kind)),
    icon: kind === 'display' ? 'screen' : 'terminal',
    why: whyNoConsole(guest, kind),
    words: 'console terminal',
    run: () => openConsole(guest.id, kind),
  });
}

/** In the order of a menu. Start or stop, pause or resume: only the one that makes sense. */
export function guestCommands(guest: Guest): Command[] {
  const runs = isLive(guest.state) || guest.state === 'starting';
  return [
    command({
      id: 'guest.open',
      title: guest.name,
      label: m.guests.act('start', guest.name),
      icon: 'guests',
      words: `${m.words.isolation(guest.isolation)} ${m.words.state(guest.state)} ${guest.image ?? ''} ${guest.address ?? ''}`,
      run: () => route.guest(guest.id),
    }),
    ...consolesOf(guest).map((kind) => consoleCommand(guest, kind)),
    guestCommand(guest, runs ? 'stop' : 'start'),
    guestCommand(guest, 'restart'),
    guestCommand(guest, guest.state === 'paused' ? 'resume' : 'pause'),
    ...lifeCommands(guest),
    labelGuests([guest]),
    guestCommand(guest, 'kill'),
    guestCommand(guest, 'remove'),
  ];
}

/** One act on several: those that allow it. */
export function bulkCommand(guests: readonly Guest[], verb: GuestVerb): Command {
  const able = guests.filter((guest) => allows(guest.state, verb));
  return command({
    id: `guests.${verb}`,
    title: m.guests.some(verb, able.length),
    icon: ICON[verb],
    keys: KEYS[verb],
    danger: verb === 'remove',
    why:
      engine.link !== 'open' ? m.guests.offline : able.length > 0 ? null : m.guests.why(guests[0]?.state ?? 'stopped'),
    run: async () => {
      if (verb === 'remove') await askRemove(able);
      else await many(able, verb);
    },
  });
}

/** One progress for all of them; what fails is told there as well. */
const many = (guests: readonly Guest[], verb: GuestVerb) =>
  bulk.run(
    m.words.verb(verb),
    guests,
    (guest) => acting.act(guest, verb, { quiet: true }),
    verb === 'remove' ? () => trash.offerUndo(guests.map(({ id }) => id)) : undefined,
  );

function askKill(guest: Guest): void {
  const text = m.guests.kill;
  asking.ask({
    title: text.title(guest.name),
    text: text.text,
    keep: text.keep(guest.name),
    yes: text.yes(guest.name),
    about: [guest.id],
    run: async () => {
      await acting.act(guest, 'kill');
    },
  });
}

async function askRemove(guests: readonly Guest[]): Promise<void> {
  const text = m.guests.remove;
  const [first] = guests;
  if (!first) return;
  const days = (await trash.refresh())?.keepDays ?? 0;
  const fate = days > 0 ? text.kept(days) : text.gone;
  const running = guests.filter((guest) => isLive(guest.state)).length;
  const run = async () => {
    const shown = route.place.view === 'guests' ? route.place.guest : null;
    if (guests.some((guest) => guest.id === shown)) route.section('guests');
    if (guests.length > 1) await many(guests, 'remove');
    else if ((await acting.act(first, 'remove')) === null) await trash.offerUndo([first.id]);
  };
  if (guests.length === 1) {
    asking.ask({
      title: text.title(first.name),
      text: text.text(first) + fate + (first.image ? text.image(first.image) : '') + (running ? text.running : ''),
      keep: text.keep(first.name),
      yes: text.yes(first.name),
      about: [first.id],
      run,
    });
    return;
  }
  const names = guests.map((guest) => guest.name);
  const shown = names.length > 6 ? [...names.slice(0, 5), m.frame.andMore(names.length - 5)] : names;
  asking.ask({
    title: text.titleSome(guests.length),
    text: text.textSome(m.format.list(shown)) + fate + (running ? text.someRunning(running) : ''),
    keep: text.keepSome,
    yes: text.yesSome(guests.length),
    about: guests.map(({ id }) => id),
    run,
  });
}
