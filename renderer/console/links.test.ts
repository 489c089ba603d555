import { expect, it } from 'vitest';
import { safeTarget } from './links.ts';

it('opens web pages only, and none that hides its host', () => {
  expect(safeTarget('https://example.org/a?b')).toBe('https://example.org/a?b');
  expect(safeTarget('http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080/');
  for (const bad of [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    'https://bank.example@evil.example/',
    'x',
    '',
  ]) {
    expect(safeTarget(bad), bad).toBeNull();
  }
});
