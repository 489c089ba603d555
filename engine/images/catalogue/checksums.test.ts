import { expect, test } from 'vitest';
import { findSum, parseSums } from './checksums.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const LONG = 'c'.repeat(128);

test('lines of sha256sum and sha512sum, in text and in binary mode', () => {
  expect(parseSums(`${A}  disk.qcow2\n${B} *other.iso\n${LONG}  ./sub/x.img\n`)).toEqual([
    { hex: A, name: 'disk.qcow2' },
    { hex: B, name: 'other.iso' },
    { hex: LONG, name: 'sub/x.img' },
  ]);
});

test("BSD's lines, among Fedora's words", () => {
  const text = `# Fedora-Cloud.qcow2: 12 bytes\nSHA256 (Fedora-Cloud.qcow2) = ${A}\nSHA512 (x (1).img) = nonsense\n`;
  expect(parseSums(text)).toEqual([{ hex: A, name: 'Fedora-Cloud.qcow2' }]);
});

test("an archive's Release: its SHA256 part and not its MD5 part", () => {
  const text = `Origin: Debian\nMD5Sum:\n ${'d'.repeat(32)} 12 main/x/SHA256SUMS\nSHA256:\n ${A}    12 main/x/SHA256SUMS\n`;
  expect(findSum(parseSums(text), 'dists/stable/InRelease', 'dists/stable/main/x/SHA256SUMS')).toEqual({
    hex: A,
    path: 'dists/stable/main/x/SHA256SUMS',
  });
});

test('names are those of the folder the file lies in', () => {
  const sums = parseSums(`${A}  ./netboot/mini.iso\n${B}  mini.iso\n`);
  expect(findSum(sums, 'images/SHA256SUMS', 'images/netboot/mini.iso')?.hex).toBe(A);
  expect(findSum(sums, 'images/SHA256SUMS', 'other/mini.iso')).toBeNull();
  expect(findSum(parseSums(`${A}  ../up.iso\n`), 'a/b/SUMS', 'a/b/up.iso')).toBeNull();
});

test('a star takes the newest release there is, by number and not by letter', () => {
  const sums = parseSums(
    `${A}  debian-13.9.0-amd64-netinst.iso\n${B}  debian-13.10.0-amd64-netinst.iso\n${A}  debian-edu-13.11.0-amd64-netinst.iso\n`,
  );
  expect(findSum(sums, 'cd/SHA512SUMS', 'cd/debian-13*-amd64-netinst.iso')).toEqual({
    hex: B,
    path: 'cd/debian-13.10.0-amd64-netinst.iso',
  });
});

test('a star never leads into another folder', () => {
  expect(findSum(parseSums(`${A}  13/../../x-netinst.iso\n`), 'cd/SUMS', 'cd/13*netinst.iso')).toBeNull();
});

test('the checksum of one file is that of this file, whatever it is called in it', () => {
  const wanted = 'iso/openSUSE-NET-Current.iso';
  expect(findSum(parseSums(`${A}  openSUSE-NET-Build7.iso\n`), `${wanted}.sha256`, wanted)?.hex).toBe(A);
  expect(findSum(parseSums(`${A}\n`), `${wanted}.sha256`, wanted)?.hex).toBe(A);
  expect(findSum(parseSums(`${A}  one.iso\n${B}  two.iso\n`), `${wanted}.sha256`, wanted)).toBeNull();
});

test('two different digests of one file are none; of two kinds the longer counts', () => {
  expect(findSum(parseSums(`${A}  x.iso\n${B}  x.iso\n`), 'SUMS', 'x.iso')).toBeNull();
  expect(findSum(parseSums(`${A}  x.iso\n${LONG}  x.iso\n`), 'SUMS', 'x.iso')?.hex).toBe(LONG);
});

test('a page of a hotel says nothing', () => {
  expect(parseSums('<!DOCTYPE html>\n<title>Welcome</title>\n')).toEqual([]);
});
