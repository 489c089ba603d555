/** `guesthouse df`: what images, guests and volumes take on the host's disk, and what of it a prune would free. */
import { parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { bytes, plain, printJson, printTable } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' }, verbose: { type: 'boolean', short: 'v' } });
  const { images, guests, volumes, host, use, freed } = await withEngine(async (client) => {
    const use = await client.call('host.diskUse', {});
    const [images, guests, volumes, host, freed] = await Promise.all([
      client.call('images.list', {}),
      client.call('guests.list', {}),
      client.call('volumes.list', {}),
      client.call('host.info', {}),
      client.call('images.prune', { dryRun: true }),
    ]);
    return { images, guests, volumes, host, use, freed };
  });
  const sum = (some: readonly { readonly bytes: number }[]) => some.reduce((total, one) => total + one.bytes, 0);
  const imageRows = images.map(({ id, name, sizeBytes, ownBytes, usedBy }) => ({
    id,
    name,
    bytes: sizeBytes,
    ownBytes,
    usedBy,
  }));
  const guestRows = use.guests.map((one) => ({ ...one, state: guests.find(({ id }) => id === one.id)?.state ?? '-' }));
  const volumeRows = use.volumes.map((one) => ({
    ...one,
    usedBy: volumes.find(({ id }) => id === one.id)?.usedBy ?? [],
  }));
  const unused = volumeRows.filter(({ usedBy }) => usedBy.length === 0);
  const kinds = [
    { what: 'images', count: images.length, sizeBytes: use.imagesBytes, freeableBytes: freed.freedBytes },
    { what: 'guests', count: guestRows.length, sizeBytes: sum(guestRows), freeableBytes: 0 },
    { what: 'volumes', count: volumeRows.length, sizeBytes: sum(volumeRows), freeableBytes: sum(unused) },
    { what: 'trash', count: use.trash.length, sizeBytes: sum(use.trash), freeableBytes: 0 },
  ];
  if (values.json) {
    const { diskFreeBytes, diskTotalBytes } = host;
    const each = { images: imageRows, guests: guestRows, trash: use.trash, volumes: volumeRows };
    printJson({ kinds, leftBytes: use.leftBytes, ...each, diskFreeBytes, diskTotalBytes });
    return undefined;
  }
  printTable(
    ['WHAT', 'COUNT', 'SIZE', 'FREED BY PRUNE -A'],
    kinds.map((row) => [row.what, String(row.count), bytes(row.sizeBytes), bytes(row.freeableBytes)]),
  );
  if (use.leftBytes > 0)
    process.stdout.write(
      `${bytes(use.leftBytes)} more save time at pulls and builds (\`guesthouse image prune --left\` frees them)\n`,
    );
  process.stdout.write(`${bytes(host.diskFreeBytes)} of ${bytes(host.diskTotalBytes)} free in ${host.home}\n`);
  if (!values.verbose) return undefined;
  const table = (heads: readonly string[], rows: readonly (readonly string[])[]) => {
    if (rows.length === 0) return;
    process.stdout.write('\n');
    printTable(heads, rows);
  };
  table(
    ['IMAGE', 'SIZE', 'ITS OWN', 'USED BY'],
    imageRows.map((row) => [plain(row.name), bytes(row.bytes), bytes(row.ownBytes), row.usedBy.join(', ') || '-']),
  );
  table(
    ['GUEST', 'SIZE', 'STATE'],
    guestRows.map((row) => [row.name, bytes(row.bytes), row.state]),
  );
  table(
    ['IN THE TRASH', 'SIZE'],
    use.trash.map((row) => [plain(row.name), bytes(row.bytes)]),
  );
  table(
    ['VOLUME', 'SIZE', 'USED BY'],
    volumeRows.map((row) => [plain(row.name), bytes(row.bytes), row.usedBy.join(', ') || '-']),
  );
  return undefined;
}
