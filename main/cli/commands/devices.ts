/** `guesthouse devices [--json]`: USB and PCI devices of the host, and what is in the way of giving each to a machine. */
import { exactly, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { plain, printJson, printTable } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: { type: 'boolean' } });
  exactly(names, 0, 'devices', 'nothing');
  const devices = await withEngine((client) => client.call('host.devices', {}));
  if (values.json) return printJson(devices) as undefined;
  printTable(
    ['BUS', 'ADDRESS', 'IDS', 'DRIVER', 'GROUP', 'NAME', 'GUESTS', 'IN THE WAY'],
    devices.map(({ bus, address, ids, driver, iommuGroup, name, askedBy, blocks }) => [
      bus,
      address,
      ids,
      driver ?? '-',
      String(iommuGroup ?? '-'),
      plain(name),
      askedBy?.join(', ') ?? '-',
      blocks.join(' ') || 'nothing',
    ]),
  );
  return undefined;
}
