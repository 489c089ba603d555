import { expect, test } from 'vitest';
import { CPIO_DIRECTORY, CPIO_FILE, cpio } from './cpio.ts';
import { isStaticElf } from './initramfs.ts';
import { decodeLz4Legacy } from './lz4.ts';
import { dependsOn } from './modules.ts';
import { parseDependency } from './package.ts';
import { extractVmlinux } from './vmlinux.ts';

test('a cpio archive in the newc form', () => {
  const archive = cpio([
    { path: 'dev', mode: CPIO_DIRECTORY },
    { path: 'dev/console', mode: 0o020600, device: { major: 5, minor: 1 } },
    { path: 'init', mode: CPIO_FILE, content: Buffer.from('hello') },
  ]);
  expect(archive.length % 512).toBe(0);
  const text = archive.toString('latin1');
  expect(text.startsWith('070701')).toBe(true);
  expect(text).toContain('TRAILER!!!');
  // Every header begins at a multiple of four.
  for (const match of text.matchAll(/070701/g)) expect(match.index % 4).toBe(0);
});

test('LZ4: literals, a match and a run that overlaps itself', () => {
  // "abcd", then 8 bytes from 4 back (overlapping), then the literal "!".
  const block = Buffer.from([0x44, ...Buffer.from('abcd'), 4, 0, 0x10, ...Buffer.from('!')]);
  const frame = Buffer.concat([Buffer.from([0x02, 0x21, 0x4c, 0x18, block.length, 0, 0, 0]), block]);
  expect(Buffer.from(decodeLz4Legacy(frame, 13)).toString()).toBe('abcdabcdabcd!');
  const bad = Buffer.from(frame);
  bad[13] = 9;
  expect(() => decodeLz4Legacy(bad, 13)).toThrow(expect.objectContaining({ code: 'bad-data' }));
  expect(() => decodeLz4Legacy(frame.subarray(0, 10), 13)).toThrow(expect.objectContaining({ code: 'bad-data' }));
});

test('what is no kernel and no static program is refused', () => {
  expect(() => extractVmlinux(Buffer.alloc(4096))).toThrow(expect.objectContaining({ code: 'bad-data' }));
  expect(isStaticElf(Buffer.from('#!/bin/sh\n'))).toBe(false);
});

test('dependencies of modules and of the kernel package', () => {
  expect(dependsOn(Buffer.from('x\0depends=virtio,virtio-ring\0y'))).toEqual(['virtio', 'virtio_ring']);
  expect(dependsOn(Buffer.from('\0depends=\0'))).toEqual([]);
  expect(parseDependency('Package: a\nDepends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)\n')).toEqual({
    name: 'linux-image-6.1.0-56-cloud-amd64',
    version: '6.1.192-2',
  });
});
