/** `guesthouse ls`. */
import type { Guest } from '../../../engine/contract/guest.ts';
import { portText } from '../../../engine/notation/ports.ts';
import { misused, parse, quoted } from '../args.ts';
import { listGuests } from '../list-guests.ts';
import { printJson, printTable } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, {
    json: { type: 'boolean' },
    quiet: { type: 'boolean', short: 'q' },
    all: { type: 'boolean', short: 'a' },
    filter: { type: 'string', multiple: true },
  });
  const fits = filters(values.filter ?? []);
  const guests = (await listGuests()).filter(fits);
  if (values.json) return printJson(guests.map(row)) as undefined;
  if (values.quiet) {
    for (const { id } of guests) process.stdout.write(`${id}\n`);
    return undefined;
  }
  printTable(
    ['ID', 'NAME', 'ISOLATION', 'STATE', 'IMAGE', 'ADDRESS', 'PORTS'],
    guests.map((guest) => [
      guest.id,
      guest.name,
      guest.isolation,
      stateText(guest),
      guest.image ?? '-',
      guest.address ?? '-',
      guest.ports.map(portText).join(', ') || '-',
    ]),
  );
  return undefined;
}

/** Stable: scripts read it. */
function row({ id, name, isolation, state, health, image, address, ports, spec }: Guest) {
  return { id, name, isolation, state, health: health?.status ?? null, image, address, ports, labels: spec.labels };
}

export function stateText({ state, exit, health }: Pick<Guest, 'state' | 'exit' | 'health'>): string {
  if (state === 'running' && health) return `running (${health.status})`;
  return state === 'stopped' && exit?.code ? `stopped (${exit.code})` : state;
}

const FIELDS: Readonly<Record<string, (guest: Guest, value: string) => boolean>> = {
  label: ({ spec }, value) => {
    const at = value.indexOf('=');
    const label = spec.labels[at < 0 ? value : value.slice(0, at)];
    return at < 0 ? label !== undefined : label === value.slice(at + 1);
  },
  name: ({ name }, value) => name.includes(value),
  state: ({ state }, value) => state === value,
  status: ({ state }, value) => state === value,
  health: ({ health }, value) => (health?.status ?? 'none') === value,
  isolation: ({ isolation }, value) => isolation === value,
  image: ({ image, spec }, value) => image === value || image === `${value}:latest` || spec.image === value,
  network: ({ spec }, value) => [spec.network, ...spec.moreNetworks].includes(value),
};

/** Filters of one field widen (either), filters of different fields narrow (both), as docker has it. */
export function filters(words: readonly string[]): (guest: Guest) => boolean {
  const groups = new Map<string, string[]>();
  for (const word of words) {
    const at = word.indexOf('=');
    const field = word.slice(0, Math.max(0, at));
    if (!Object.hasOwn(FIELDS, field)) {
      throw misused(
        `--filter has no ${quoted(word)}.`,
        `Write FIELD=VALUE; fields are ${Object.keys(FIELDS).join(', ')}.`,
      );
    }
    groups.set(field, [...(groups.get(field) ?? []), word.slice(at + 1)]);
  }
  return (guest) =>
    [...groups].every(([field, values]) =>
      // Labels are many on one guest: all that are asked for must be there.
      field === 'label'
        ? values.every((value) => FIELDS.label?.(guest, value))
        : values.some((value) => FIELDS[field]?.(guest, value)),
    );
}
