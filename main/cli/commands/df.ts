/** `guesthouse df`: what images and volumes take on the host's disk. */
import { parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { bytes, printJson, printTable } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' } });
  const { images, volumes, host } = await withEngine(async (client) => ({
    images: await client.call('images.list', {}),
    volumes: await client.call('volumes.list', {}),
    host: await client.call('host.info', {}),
  }));
  const unused = <T extends { usedBy: readonly string[] }>(all: readonly T[]) =>
    all.filter(({ usedBy }) => usedBy.length === 0);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const rows = [
    {
      what: 'images',
      count: images.length,
      // Layers that several images share are in each one's size; what is its own is not.
      sizeBytes: sum(images.map(({ ownBytes }) => ownBytes)),
      freeableBytes: sum(unused(images).map(({ ownBytes }) => ownBytes)),
    },
    {
      what: 'volumes',
      count: volumes.length,
      sizeBytes: sum(volumes.map(({ sizeBytes }) => sizeBytes ?? 0)),
      freeableBytes: sum(unused(volumes).map(({ sizeBytes }) => sizeBytes ?? 0)),
    },
  ];
  if (values.json) {
    printJson({ kinds: rows, diskFreeBytes: host.diskFreeBytes, diskTotalBytes: host.diskTotalBytes });
    return undefined;
  }
  printTable(
    ['WHAT', 'COUNT', 'SIZE', 'FREED BY PRUNE'],
    rows.map(({ what, count, sizeBytes, freeableBytes }) => [
      what,
      String(count),
      bytes(sizeBytes),
      bytes(freeableBytes),
    ]),
  );
  process.stdout.write(`${bytes(host.diskFreeBytes)} of ${bytes(host.diskTotalBytes)} free in ${host.home}\n`);
  return undefined;
}
