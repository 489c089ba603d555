/** `guesthouse ls`. */
import type { Guest } from '../../../engine/contract/guest.ts';
import { parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { printJson, printTable } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' } });
  const guests = await withEngine((client) => client.call('guests.list', {}));
  if (values.json) return printJson(guests.map(row)) as undefined;
  printTable(
    ['ID', 'NAME', 'ISOLATION', 'STATE', 'IMAGE', 'ADDRESS', 'PORTS'],
    guests.map((guest) => [
      guest.id,
      guest.name,
      guest.isolation,
      stateText(guest),
      guest.image ?? '-',
      guest.address ?? '-',
      guest.ports.map((port) => `${port.hostIp}:${port.hostPort}->${port.guestPort}/${port.protocol}`).join(', ') ||
        '-',
    ]),
  );
  return undefined;
}

/** Stable: scripts read it. */
function row({ id, name, isolation, state, image, address, ports }: Guest) {
  return { id, name, isolation, state, image, address, ports };
}

function stateText({ state, exit }: Guest): string {
  return state === 'stopped' && exit?.code ? `stopped (${exit.code})` : state;
}
