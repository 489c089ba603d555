import { expect, it } from 'vitest';
import { freeing, trashedName } from './trash.ts';

it('says what is to be done about each guest that uses what is to be removed', () => {
  expect(freeing(['web'])).toBe('Remove web first.');
  expect(freeing(['web', 'db'], ', or choose another network there')).toBe(
    'Remove those guests first, or choose another network there.',
  );
  expect(freeing([trashedName('web'), trashedName('web'), trashedName('db')])).toBe(
    'What is in the trash can still be put back; give it up by `guesthouse trash empty web db`.',
  );
  expect(freeing(['db', trashedName('web')])).toBe(
    'Remove db first. What is in the trash can still be put back; give it up by `guesthouse trash empty web`.',
  );
  expect(freeing('abcdef'.split('').map(trashedName))).toMatch(/`guesthouse trash empty`\.$/);
});
