import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFifo } from './fifo.ts';

test('a FIFO for its owner alone; never over something else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guesthouse-fifo-'));
  try {
    const path = join(folder, 'line');
    makeFifo(path);
    const found = lstatSync(path);
    expect(found.isFIFO()).toBe(true);
    expect(found.mode & 0o777).toBe(0o600);
    expect(() => makeFifo(path)).toThrow('A line to a guest could not be made.');
    expect(() => makeFifo(join(folder, 'none', 'line'))).toThrow(expect.objectContaining({ code: 'resources' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
