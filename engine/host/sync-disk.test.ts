import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { syncDisk } from './sync-disk.ts';

test('a folder is synced; one that is not there is said', async () => {
  await syncDisk(tmpdir());
  await expect(syncDisk('/there/is/no/such/folder')).rejects.toMatchObject({ code: 'ENOENT' });
});
