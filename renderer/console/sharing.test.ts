import { describe, expect, it } from 'vitest';
import { SharedTyping } from './sharing.svelte.ts';

function consoles(...keys: string[]) {
  const sharing = new SharedTyping();
  const typed: Record<string, string> = {};
  const ends = keys.map((key) => sharing.add(key, { type: (text) => (typed[key] = (typed[key] ?? '') + text) }));
  return { sharing, typed, ends };
}

describe('typing in several consoles', () => {
  it('reaches the others of the group, and nobody else', () => {
    const { sharing, typed } = consoles('a', 'b', 'c');
    sharing.join('a');
    sharing.join('b');
    sharing.typed('a', 'ls\r');
    sharing.typed('c', 'rm\r');
    expect(typed).toEqual({ b: 'ls\r' });
  });

  it('takes in all that are open, and ends', () => {
    const { sharing, typed } = consoles('a', 'b', 'c');
    sharing.joinAll();
    sharing.typed('b', 'x');
    sharing.end();
    sharing.typed('b', 'y');
    expect(typed).toEqual({ a: 'x', c: 'x' });
  });

  it('forgets a console that was closed, also when it is opened again', () => {
    const { sharing, typed, ends } = consoles('a', 'b');
    sharing.joinAll();
    ends[1]?.();
    sharing.add('b', { type: (text) => (typed.b = text) });
    sharing.typed('a', 'x');
    expect(typed).toEqual({});
    expect([...sharing.group]).toEqual(['a']);
  });

  it('keeps a console that is still shown in another place', () => {
    const { sharing, typed, ends } = consoles('a', 'b');
    sharing.joinAll();
    sharing.add('b', { type: (text) => (typed.b = `second ${text}`) });
    ends[1]?.();
    sharing.typed('a', 'x');
    expect(typed).toEqual({ b: 'second x' });
  });
});
