/** `guesthouse stats [NAME...]`. */
import type { Guest } from '../../../engine/contract/guest.ts';
import type { Sample, SampleFrame } from '../../../engine/contract/metrics.ts';
import { parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { bytes, printJson, printTable } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    json: { type: 'boolean' },
    follow: { type: 'boolean', short: 'f' },
    // As it is without --follow.
    'no-stream': { type: 'boolean' },
  });
  await withEngine(
    async (client) => {
      const all = await client.call('guests.list', {});
      const wanted =
        names.length === 0 ? all : await Promise.all(names.map((guest) => client.call('guests.inspect', { guest })));
      const show = (frame: SampleFrame) => {
        const rows = wanted.map((guest) => ({ guest, sample: frame.samples.find((sample) => sample.id === guest.id) }));
        if (values.json)
          printJson(
            rows.map(({ guest, sample }) => ({
              name: guest.name,
              state: guest.state,
              ...(sample ?? { id: guest.id }),
            })),
          );
        else table(rows);
      };
      if (!values.follow) return show(await client.call('metrics.now', { guests: wanted.map((guest) => guest.id) }));
      await new Promise<void>((resolve, reject) => {
        const stop = client.subscribe('samples', {}, show, (error) => (error ? reject(error) : resolve()));
        process.once('SIGINT', () => {
          stop();
          resolve();
        });
      });
    },
    { long: values.follow ?? false },
  );
  return undefined;
}

function table(rows: readonly { guest: Guest; sample: Sample | undefined }[]): void {
  const rate = (value: number | null | undefined) =>
    value === null || value === undefined ? '-' : `${bytes(value)}/s`;
  printTable(
    ['NAME', 'STATE', 'CPU', 'MEMORY', 'LIMIT', 'IN GUEST', 'DISK READ', 'DISK WRITE', 'NET IN', 'NET OUT'],
    rows.map(({ guest, sample }) => [
      guest.name,
      guest.state,
      sample?.cpuPercent == null ? '-' : `${sample.cpuPercent.toFixed(1)} %`,
      sample?.memoryBytes == null ? '-' : bytes(sample.memoryBytes),
      // Of a machine the host gives what its emulator needs on top: its own memory is no limit of that.
      sample?.memoryLimitBytes == null ? '-' : bytes(sample.memoryLimitBytes),
      // As a machine's own system sees it, where it says so.
      sample?.guestMemoryBytes === undefined ? '-' : bytes(sample.guestMemoryBytes),
      rate(sample?.diskReadBps),
      rate(sample?.diskWriteBps),
      rate(sample?.netInBps),
      rate(sample?.netOutBps),
    ]),
  );
}
