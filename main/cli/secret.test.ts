import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { knownSecret, newSecret, secretFrom } from './secret.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gh-secret-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('comes from a file without the line break at its end, and no other is taken away', () => {
  const path = join(folder, 'file');
  for (const [written, read] of [
    ['a b\n', 'a b'],
    ['a\r\n', 'a'],
    ['a\n\n', 'a\n'],
    ['a', 'a'],
  ] as const) {
    writeFileSync(path, written);
    expect(secretFrom(path, '--passphrase-file')).toBe(read);
  }
});

it('says which file of which option is not there', () => {
  const path = join(folder, 'none');
  expect(() => secretFrom(path, '--passphrase-file')).toThrow(
    expect.objectContaining({ code: 'not-found', message: `--passphrase-file: the file ${path} cannot be read.` }),
  );
});

it.skipIf(process.stdin.isTTY)('without a terminal names the option to give instead', async () => {
  const refusal = { code: 'invalid', hint: 'Give --password-file FILE instead.' };
  await expect(newSecret('Password', '--password-file')).rejects.toMatchObject(refusal);
  await expect(knownSecret('Password', '--password-file')).rejects.toMatchObject(refusal);
});
