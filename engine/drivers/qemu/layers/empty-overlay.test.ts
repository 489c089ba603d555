import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseQcow2, QCOW2_HEAD_BYTES } from '../../../images/disk-header/qcow2.ts';
import { makeEmptyOverlay } from './empty-overlay.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guesthouse-overlay-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GIB = 1024 ** 3;
const hasQemuImg = ['/usr/bin/qemu-img', '/usr/local/bin/qemu-img'].some((path) => existsSync(path));
const qemuImg = (...words: string[]) => execFileSync('qemu-img', words, { encoding: 'utf8' });

test('our own reader takes it, with that name behind it and no other', async () => {
  const path = join(folder, 'read');
  await makeEmptyOverlay(path, 8 * GIB, 'disk.0123456789ab.qcow2');
  const head = readFileSync(path).subarray(0, QCOW2_HEAD_BYTES);
  const { size } = statSync(path);
  expect(parseQcow2(head, size, 'disk.0123456789ab.qcow2')).toMatchObject({ version: 3, virtualBytes: 8 * GIB });
  expect(() => parseQcow2(head, size, 'disk.qcow2')).toThrow('cannot be used');
  await expect(makeEmptyOverlay(path, GIB, 'x')).rejects.toMatchObject({ code: 'EEXIST' });
});

test.runIf(hasQemuImg)(
  'QEMU finds it whole at any size, and writes through it what it would through its own',
  async () => {
    const base = join(folder, 'base.qcow2');
    for (const [index, bytes] of [512, 3 * GIB + 512, 5000 * GIB, 65_536 * GIB].entries()) {
      const path = join(folder, `disk-${index}`);
      await makeEmptyOverlay(path, bytes, 'base.qcow2');
      qemuImg('create', '-q', '-f', 'qcow2', base, String(bytes));
      expect(qemuImg('check', path)).toContain('No errors');
      const own = join(folder, `own-${index}`);
      qemuImg('create', '-q', '-f', 'qcow2', '-u', '-b', 'base.qcow2', '-F', 'qcow2', own, String(bytes));
      const info = (file: string) => {
        const {
          filename: _,
          'actual-size': __,
          children: ___,
          ...said
        } = JSON.parse(qemuImg('info', '--output=json', file));
        return said;
      };
      expect(info(path)).toEqual(info(own));
      rmSync(base);
    }
  },
);
