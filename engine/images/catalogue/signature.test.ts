import { describe, expect, test } from 'vitest';
import { dearmored, keysOf } from './keyring.ts';
import { signedText, verdictOf } from './signature.ts';

const KEY = 'A'.repeat(40);
const SUBKEY = 'B'.repeat(40);
const vendor = { title: 'X', keys: [KEY] };
const valid = (fingerprint: string, primary = fingerprint) =>
  `[GNUPG:] GOODSIG 1234 X\n[GNUPG:] VALIDSIG ${fingerprint} 2026-01-01 1 0 4 0 1 8 00 ${primary}\n`;

describe('what gpgv says', () => {
  test('of a key of the vendor, or of a subkey of it, is good', () => {
    expect(verdictOf(valid(KEY), 'img', vendor)).toEqual({ good: true, fingerprint: KEY });
    expect(verdictOf(valid(SUBKEY, KEY), 'img', vendor)).toEqual({ good: true, fingerprint: KEY });
  });

  test('of several, one that is good is enough', () => {
    expect(verdictOf(`[GNUPG:] NO_PUBKEY 99\n${valid(KEY)}`, 'img', vendor)).toMatchObject({ good: true });
  });

  test('of a key that is not here is not judged', () => {
    expect(verdictOf('[GNUPG:] NO_PUBKEY 99\n', 'img', vendor)).toEqual({
      good: false,
      why: 'it is by the key 99, which this host does not have',
    });
  });

  test.each([
    ['a bad one', '[GNUPG:] BADSIG 99 X\n'],
    ['a good one beside a bad one', `${valid(KEY)}[GNUPG:] BADSIG 99 X\n`],
    ['one of a withdrawn key', `[GNUPG:] REVKEYSIG 99 X\n${valid(KEY)}`],
    ['a valid one by somebody else', valid(SUBKEY)],
    ['nothing at all', ''],
  ])('%s is refused', (_, status) => {
    expect(() => verdictOf(status, 'img', vendor)).toThrow(/was not signed by X/);
  });
});

describe('a clear-signed text', () => {
  const signed = (body: string, before = '', after = '') =>
    `${before}-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${body}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n${after}`;

  test('is what stands between, its dashes taken back', () => {
    expect(signedText(signed('one\n- -----two'))).toBe('one\n-----two');
  });

  test('with anything before or behind is none: that was not signed', () => {
    expect(signedText(signed('one', 'evil\n'))).toBeNull();
    expect(signedText(signed('one', '', 'evil\n'))).toBeNull();
    expect(signedText(signed('one') + signed('two'))).toBeNull();
    expect(signedText('one\n')).toBeNull();
  });

  test('with a header of its own invention is none', () => {
    expect(signedText(signed('one').replace('Hash: SHA256', `${'a'.repeat(64)}  disk.qcow2`))).toBeNull();
  });
});

test('what is no key is no key', () => {
  expect(keysOf(Buffer.from('hello'))).toEqual([]);
  expect(keysOf(Buffer.from([0x99, 0xff, 0xff, 4]))).toEqual([]);
  expect(keysOf(Buffer.from([0xc6, 0xff, 0xff, 0xff, 0xff, 0xff]))).toEqual([]);
  expect(dearmored(Buffer.from('plain'))).toEqual(Buffer.from('plain'));
});
