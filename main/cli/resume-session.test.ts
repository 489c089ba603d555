import { expect, test } from 'vitest';
import { createSessionResume } from './resume-session.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (some: Uint8Array) => Buffer.from(some).toString();

test('goes on where it was, each output by itself, as often as the link is lost', () => {
  const resume = createSessionResume({ guest: 'web', hold: true });
  expect(resume.request()).toEqual({ guest: 'web', hold: true });
  resume.opened('s1');
  expect(text(resume.add('stdout', bytes('one ')))).toBe('one ');
  expect(text(resume.add('stderr', bytes('bad')))).toBe('bad');
  resume.lost();
  expect(resume.request()).toEqual({ session: 's1', hold: true });
  expect(text(resume.add('stderr', bytes('bad news')))).toBe(' news');
  expect(text(resume.add('stdout', bytes('on')))).toBe('');
  // Lost again before all was told again.
  resume.lost();
  expect(text(resume.add('stdout', bytes('one two')))).toBe('two');
  expect(text(resume.add('stderr', bytes('bad news')))).toBe('');
});

test('goes on with what comes when it was not shown from the beginning, or is too long to be told again', () => {
  const tail = createSessionResume({ guest: 'web', tailBytes: 100 });
  tail.opened('s1');
  tail.lost();
  expect(tail.request()).toEqual({ session: 's1', tailBytes: 0 });
  expect(text(tail.add('stdout', bytes('new')))).toBe('new');
  const long = createSessionResume({ session: 's1' });
  long.add('stdout', Buffer.alloc(300 * 1024));
  long.lost();
  expect(long.request()).toEqual({ session: 's1', tailBytes: 0 });
});
