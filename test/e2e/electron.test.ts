/** The specs of this folder run in Electron as well wherever its program is installed; where not, that is said. */
import { describe, expect, test } from 'vitest';
import { ELECTRON, SHELLS } from './house.ts';

describe('the same specs in Electron', () => {
  test('run where its program is', (context) => {
    if (!ELECTRON) context.skip('no Electron binary');
    expect(SHELLS).toContain('electron');
  });
});
