/**
 * `guesthouse compose exec|start|stop|restart|kill|pause|unpause|port`: the command of the same name, for services that are up
 * instead of guests.
 */
import { guestsOf, serviceOf } from '../../../engine/compose/labels.ts';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import type { Guest, GuestState } from '../../../engine/contract/guest.ts';
import { exactly, misused, oneName, parse, parseLeading, quoted } from '../args.ts';
import { loadName, type Wanted } from '../compose/load.ts';
import { withEngine } from '../engine.ts';
import { EXEC_OPTIONS, execOptions, execute } from './exec.ts';
import { port } from './look.ts';
import { verb } from './verbs.ts';

/** As the command line for guests calls them. */
const VERBS = {
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  kill: 'kill',
  pause: 'pause',
  unpause: 'resume',
} as const;
export type GuestVerb = keyof typeof VERBS;
/** Of a whole project, who is meant at all. */
const FITTING: Partial<Record<GuestVerb, readonly GuestState[]>> = {
  kill: ['running', 'paused'],
  pause: ['running'],
  unpause: ['paused'],
};

/** Begun in the order of what waits for what, and ended the other way round. Without names: all of the project. */
export async function runVerb(name: GuestVerb, wanted: Wanted, args: readonly string[]): Promise<number | undefined> {
  const { values, names } = parse(args, {
    ...(name === 'stop' || name === 'restart' ? { time: { type: 'string', short: 't' } as const } : {}),
    ...(name === 'kill' ? { signal: { type: 'string', short: 's' } as const } : {}),
  });
  const all = await guestsFor(wanted, names);
  const found = names.length > 0 ? all : all.filter(({ state }) => FITTING[name]?.includes(state) ?? true);
  if (found.length === 0) return undefined;
  const ordered = name === 'stop' || name === 'kill' ? found.reverse() : found;
  const options = Object.entries(values).flatMap(([option, value]) => [`--${option}`, String(value)]);
  return (await verb(VERBS[name]).run([...options, ...ordered.map((guest) => guest.name)])) ?? undefined;
}

/** With a terminal where there is one, unless `-T` says otherwise, as docker does. */
export async function runExec(wanted: Wanted, args: readonly string[]): Promise<number> {
  const { values, names, command } = parseLeading(args, {
    ...EXEC_OPTIONS,
    'no-tty': { type: 'boolean', short: 'T' },
    'no-TTY': { type: 'boolean' },
  });
  const service = oneName(names, 'compose exec');
  if (command === null || command.length === 0)
    throw misused('`compose exec` needs a command.', 'Write e.g. guesthouse compose exec SERVICE ls /.');
  const [guest] = await guestsFor(wanted, [service]);
  const plain = values['no-tty'] || values['no-TTY'] || values.detach;
  const tty = values.tty ?? (!plain && process.stdin.isTTY === true && process.stdout.isTTY === true);
  return execute({ guest: (guest as Guest).id, command, tty, ...execOptions(values) }, values.detach ?? false);
}

/** `compose port SERVICE [PORT[/udp]]`: of one port where it is, as docker says it; else all of them. */
export async function runPort(wanted: Wanted, args: readonly string[]): Promise<number | undefined> {
  const { names } = parse(args, {});
  const [service = '', number] = names;
  exactly(names, number === undefined ? 1 : 2, 'compose port', 'a service, and a port of it or none');
  const [guest] = (await guestsFor(wanted, [service])) as [Guest];
  if (number === undefined) return (await port.run([guest.name])) ?? undefined;
  const [inside, protocol = 'tcp'] = number.split('/');
  const rule = guest.ports.find((one) => String(one.guestPort) === inside && one.protocol === protocol);
  if (!rule)
    throw new GuesthouseError({
      code: 'not-found',
      message: `Port ${quoted(number)} of ${service} is not published.`,
      subject: service,
    });
  process.stdout.write(`${rule.hostIp.includes(':') ? `[${rule.hostIp}]` : rule.hostIp}:${rule.hostPort}\n`);
  return undefined;
}

/** Those of the services, or of all of them. Throws `not-found` when there are none. */
async function guestsFor(wanted: Wanted, services: readonly string[]): Promise<Guest[]> {
  const project = loadName(wanted);
  const all = guestsOf(project, await withEngine((client) => client.call('guests.list', {})));
  const unknown = services.find((name) => !all.some((guest) => serviceOf(guest) === name));
  if (unknown === undefined && all.length > 0)
    return all.filter((guest) => services.length === 0 || services.includes(serviceOf(guest)));
  throw new GuesthouseError({
    code: 'not-found',
    message:
      unknown === undefined ? `Nothing of ${project} is up.` : `${project} has no service ${quoted(unknown)} up.`,
    subject: unknown ?? project,
    hint: 'Make it with `guesthouse compose up -d`.',
  });
}
