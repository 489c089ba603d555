/** `guesthouse image catalogue|fetch|mirror`. */
import type { Catalogue } from '../../../engine/contract/catalogue.ts';
import { exactly, misused, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { fetchListed } from '../from-catalogue.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';

/** What can be fetched; words narrow it. */
export async function catalogue(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: { type: 'boolean' } });
  const found = await withEngine((client) => client.call('images.catalogue', {}));
  const words = names.map((name) => name.toLowerCase());
  const entries = found.entries.filter((entry) => {
    const text = `${entry.name} ${entry.title} ${entry.kind} ${entry.architecture}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (values.json) return printJson({ ...found, entries }) as undefined;
  const vendors = new Map(found.vendors.map((vendor) => [vendor.name, vendor]));
  printTable(
    ['NAME', 'WHAT', 'KIND', 'FOR', 'ABOUT', 'FROM'],
    entries.map(({ name, title, kind, architecture, sizeBytes, vendor, imageId }) => [
      name,
      title,
      kind,
      architecture,
      sizeBytes === null ? '?' : bytes(sizeBytes),
      imageId ? 'here already' : vendors.get(vendor)?.mirrors.map(hostOf).join(', ') || `no mirror of ${vendor} yet`,
    ]),
  );
  for (const note of found.notes) process.stderr.write(`${plain(note)}\n`);
  if (entries.some(({ vendor }) => vendors.get(vendor)?.mirrors.length === 0))
    process.stderr.write('`guesthouse image mirror` shows and sets mirrors.\n');
  return undefined;
}

export async function fetchImage(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: { type: 'boolean' } });
  const [name] = exactly(names, 1, 'image fetch', 'a name of the catalogue') as [string];
  const image = await withEngine((client) => fetchListed(client, name));
  if (values.json) printJson(image);
  else process.stdout.write(`${image.name}\n`);
  process.stderr.write(`${plain(image.origin)}\n`);
  return undefined;
}

/** Without an address it shows them. */
export async function mirror(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { forget: { type: 'boolean' }, json: { type: 'boolean' } });
  const [vendor, address, ...more] = names;
  if (more.length > 0 || (values.forget && (vendor === undefined || address !== undefined)))
    throw misused(
      '`image mirror` needs a vendor and an address, or --forget and a vendor.',
      'See `guesthouse help image`.',
    );
  const found = await withEngine((client) =>
    vendor !== undefined && (address !== undefined || values.forget)
      ? client.call('images.setMirror', { vendor, address: address ?? null })
      : client.call('images.catalogue', {}),
  );
  const vendors = found.vendors.filter(({ name }) => vendor === undefined || name === vendor);
  if (vendors.length === 0)
    throw misused(`The catalogue knows no ${plain(vendor ?? '')}.`, 'See `guesthouse image mirror`.');
  if (values.json) printJson(vendors);
  else printMirrors(vendors);
  return undefined;
}

function printMirrors(vendors: Catalogue['vendors']): void {
  printTable(
    ['VENDOR', 'WHAT', 'MIRROR', 'MUST HAVE'],
    vendors.map(({ name, title, mirrors, chosenBy, example }) => [
      name,
      title,
      mirrors.length === 0
        ? '-'
        : `${mirrors.map(shown).join(', ')}${chosenBy === 'packages' ? ' (as for packages)' : ''}`,
      example,
    ]),
  );
}

const hostOf = (address: string): string => new URL(address).host;

/** Without what opens it. */
function shown(address: string): string {
  const url = new URL(address);
  url.username = url.password = '';
  return url.href;
}
