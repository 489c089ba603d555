import { Terminal } from '@xterm/xterm';
import { expect, test } from 'vitest';
import { boundCounts } from './bounds.ts';

test('a count says no more than the screen can hold, and what is less stays', async () => {
  const xterm = new Terminal({ rows: 10, cols: 40, allowProposedApi: true });
  const seen: string[] = [];
  // The later one is asked first.
  for (const final of 'LMSTIZb')
    xterm.parser.registerCsiHandler({ final }, ([count]) => {
      seen.push(`${count}${final}`);
      return true;
    });
  boundCounts(xterm);
  const sequences = ['999999999', '2147483648', '3', ''].flatMap((count) =>
    [...'LMSTIZb'].map((final) => `\x1b[${count}${final}`),
  );
  await new Promise<void>((resolve) => xterm.write(sequences.join(''), resolve));
  const most = '10L 10M 10S 10T 40I 40Z 400b'.split(' ');
  expect(seen).toEqual([...most, ...most, ...'3L 3M 3S 3T 3I 3Z 3b 0L 0M 0S 0T 0I 0Z 0b'.split(' ')]);
  xterm.dispose();
});
