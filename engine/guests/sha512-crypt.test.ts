import { expect, test } from 'vitest';
import { sha512Crypt } from './sha512-crypt.ts';

test('is what `openssl passwd -6` says', () => {
  expect(sha512Crypt('geheim', 'saltsalt')).toBe(
    '$6$saltsalt$sfZR6YSW/Dp0uCiyF9fDipa6ORr5LVLOwXNgtzRlXXhkC7xA3w4zy97VIC3vL14AUXGJp3yBjZVztkdiBzJnX1',
  );
  expect(sha512Crypt('a', 'x')).toBe(
    '$6$x$6Zqbz8j5rMHIeJ1ujjjFXuZXSa/VORj.fVUEQcJc.rjR9.wCKlhZuymRQLtIEzcxNmqwX/fRNvM45BbvFayY51',
  );
});

test('takes passwords longer than a digest, a salt of at most 16 characters, and a salt of its own', () => {
  expect(sha512Crypt('ü'.repeat(100), 'abcdefghijklmnopqrst')).toMatch(/^\$6\$abcdefghijklmnop\$[./0-9A-Za-z]{86}$/);
  expect(sha512Crypt('a')).not.toBe(sha512Crypt('a'));
});
