import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogResume } from './resume-log.ts';

const time = (n: number) => `2026-01-01T00:00:00.${String(n).padStart(9, '0')}Z`;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

test('times are taken off, or left', () => {
  const log = Buffer.from(`${time(1)} one\n${time(2)} two`);
  expect(text(createLogResume(false).add('stdout', log))).toBe('one\ntwo');
  expect(text(createLogResume(true).add('stdout', log))).toBe(log.toString());
});

test('a side that showed nothing goes on from the other', () => {
  const resume = createLogResume(false);
  expect(resume.restart()).toBe(null);
  resume.add('stdout', Buffer.from(`${time(5_000_000)} out\n`));
  expect(resume.restart()).toBe(Date.parse(time(5_000_000)));
  expect(text(resume.add('stderr', Buffer.from(`${time(4_999_999)} before\n${time(5_000_000)} same\n`)))).toBe(
    'same\n',
  );
  expect(text(resume.add('stdout', Buffer.from(`${time(5_000_000)} out\n${time(5_000_001)} next\n`)))).toBe('next\n');
});

test('cut anywhere, again and again, it shows every byte once', () => {
  const lines = fc.array(fc.record({ step: fc.nat({ max: 2 }), line: fc.stringMatching(/^[a-c ]{0,5}$/) }), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(lines, fc.array(fc.nat({ max: 200 }), { maxLength: 4 }), fc.boolean(), (all, cuts, timestamps) => {
      let now = 0;
      const later = (step: number) => {
        now += step;
        return now;
      };
      const log = all.map(({ step, line }) => `${time(later(step))} ${line}\n`).join('');
      const wanted = timestamps ? log : log.replaceAll(/^\S+ /gm, '');
      const resume = createLogResume(timestamps);
      let shown = '';
      for (const cut of cuts) {
        const upTo = Math.min(cut, log.length);
        for (let at = 0; at < upTo; at += 7)
          shown += text(resume.add('stdout', Buffer.from(log.slice(at, Math.min(at + 7, upTo)))));
        resume.restart();
      }
      shown += text(resume.add('stdout', Buffer.from(log)));
      expect(shown).toBe(wanted);
    }),
  );
});
