import { expect, it } from 'vitest';
import { placeCard } from './place-card.ts';

const card = { width: 400, height: 160 };
const window = { width: 1280, height: 800 };

it.each([
  ['under what it is about', { left: 500, top: 60, width: 300, height: 80 }, { left: 500, top: 152 }],
  ['above what stands at the foot', { left: 0, top: 560, width: 1280, height: 212 }, { left: 12, top: 388 }],
  ['never over the right edge', { left: 1200, top: 60, width: 60, height: 30 }, { left: 868, top: 102 }],
  ['in the corner of what fills the window', { left: 160, top: 40, width: 1120, height: 730 }, { left: 868, top: 592 }],
  ['in the middle of the foot without one', null, { left: 440, top: 592 }],
])('%s', (_, target, place) => {
  expect(placeCard(target, card, window)).toEqual(place);
});

it('in a window smaller than itself it begins at the edge', () => {
  expect(placeCard(null, card, { width: 320, height: 150 })).toEqual({ left: 12, top: 48 });
});
