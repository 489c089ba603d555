import { expect, it } from 'vitest';
import { createPrefixer } from './prefix.ts';

it('puts a prefix before every line, however the bytes come', () => {
  const prefixer = createPrefixer('p| ');
  const out = ['on', 'e\ntwo\nth', 'ree'].map((part) => Buffer.from(prefixer.add(Buffer.from(part))).toString());
  expect(out.join('') + Buffer.from(prefixer.end()).toString()).toBe('p| one\np| two\np| three\n');
  expect(prefixer.end()).toHaveLength(0);
});
