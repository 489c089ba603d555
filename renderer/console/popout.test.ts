import { expect, it } from 'vitest';
import { parsePopOut, popOutHash } from './popout.ts';

it('names a console in an address, both ways', () => {
  for (const place of [
    { guest: '0123456789ab', kind: 'serial', session: null },
    { guest: 'a', kind: 'exec', session: 'a:exec/1 x' },
  ] as const) {
    expect(parsePopOut(popOutHash(place))).toEqual(place);
  }
  expect(parsePopOut('#/console/a')).toEqual({ guest: 'a', kind: 'main', session: null });
  for (const other of ['', '#/guests', '#/console/', '#/console/a/exec', '#/console/a/what', '#/console/%zz/main']) {
    expect(parsePopOut(other), other).toBeNull();
  }
});
