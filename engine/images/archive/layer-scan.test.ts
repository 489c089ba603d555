import { describe, expect, it } from 'vitest';
import { createLayerScan, SCAN_LIMITS } from './layer-scan.ts';
import type { TarEntry, TarType } from './tar-reader.ts';

function entry(name: string, type: TarType = 'file', more: Partial<TarEntry> = {}): TarEntry {
  const numbers = { sizeBytes: 0, mode: 0o755, uid: 0, gid: 0, mtime: 5, major: 0, minor: 0, offset: 0 };
  return { name, type, linkName: '', ...numbers, pax: new Map(), header: new Uint8Array(), ...more };
}

describe('layer scan', () => {
  it('collects whiteouts and opaque folders, and leaves devices out', () => {
    const scan = createLayerScan();
    const judged = [
      entry('./', 'folder'),
      entry('./etc/', 'folder', { mode: 0o750 }),
      entry('etc/.wh.gone'),
      entry('.wh.top'),
      entry('data/.wh..wh..opq'),
      entry('.wh..wh.plnk', 'folder'),
      entry('dev/sda', 'block', { major: 8 }),
      entry('run/pipe', 'fifo'),
    ].map((one) => scan.judge(one));
    expect(judged).toEqual(['keep', 'keep', 'drop', 'drop', 'drop', 'drop', 'drop', 'keep']);
    const marks = scan.finish();
    expect(marks).toMatchObject({ whiteouts: ['etc/gone', 'top'], opaque: ['data'], devicesLeftOut: 1, entries: 8 });
    expect(marks.folders.get('etc')).toEqual({ mode: 0o750, uid: 0, gid: 0, mtime: 5 });
  });

  it('lets what is put back win over its whiteout', () => {
    const scan = createLayerScan();
    scan.judge(entry('etc/.wh.back'));
    scan.judge(entry('etc/back'));
    expect(scan.finish().whiteouts).toEqual([]);
  });

  it('stops at its limits', () => {
    const scan = createLayerScan({ ...SCAN_LIMITS, entries: 2, unpackedBytes: 100 });
    scan.judge(entry('a', 'file', { sizeBytes: 60 }));
    expect(() => scan.judge(entry('b', 'file', { sizeBytes: 60 }))).toThrow(/beyond/);
    expect(() => scan.judge(entry('c'))).toThrow(/more than 2/);
    expect(() => createLayerScan().judge(entry('n'.repeat(256)))).toThrow(/too long/);
  });

  it('refuses what there is no room for, by its header', () => {
    const scan = createLayerScan({ ...SCAN_LIMITS, roomBytes: 100 });
    scan.judge(entry('a', 'file', { sizeBytes: 60 }));
    expect(() => scan.judge(entry('b', 'file', { sizeBytes: 60 }))).toThrow(/No space left/);
  });

  it('counts a sparse file as large as it claims to be, and judges its hidden name', () => {
    const scan = createLayerScan({ ...SCAN_LIMITS, unpackedBytes: 100 });
    expect(() => scan.judge(entry('a', 'file', { pax: new Map([['GNU.sparse.realsize', '101']]) }))).toThrow(/beyond/);
    const hidden = entry('GNUSparseFile.0/a', 'file', { pax: new Map([['GNU.sparse.name', '../a']]) });
    expect(() => createLayerScan().judge(hidden)).toThrow(/leaves/);
  });
});
