import { describe, expect, it } from 'vitest';
import { asPasted, pastedIn, preparePaste } from './paste.ts';

describe('a paste', () => {
  it('of one line goes on without a question, and runs nothing by itself', () => {
    expect(preparePaste('ls -l', false)).toEqual({ text: 'ls -l', lines: 1, removed: 0, ask: false });
    expect(preparePaste('ls -l\r\n', false)).toEqual({ text: 'ls -l', lines: 1, removed: 0, ask: false });
    expect(preparePaste('ls -l\n', true)).toMatchObject({ text: 'ls -l\n', ask: false });
    expect(preparePaste('\n', false)).toMatchObject({ text: '', ask: false });
  });

  it('of several lines asks, unless the program can tell pasted from typed', () => {
    expect(preparePaste('a\r\nb', false)).toMatchObject({ text: 'a\nb', lines: 2, ask: true });
    const many = 'a\n'.repeat(8);
    expect(preparePaste(many, false)).toMatchObject({ lines: 8, ask: true });
    expect(preparePaste(many, true).ask).toBe(false);
    expect(preparePaste('x'.repeat(6000), true).ask).toBe(true);
  });

  it('cannot end bracketed paste, press Ctrl-C or Escape', () => {
    const paste = preparePaste('echo hi\x1b[201~\nrm -rf /\x03\x9b', true);
    expect(paste.text).toBe('echo hi[201~\nrm -rf /');
    expect(paste.removed).toBe(3);
    expect(paste.ask).toBe(true);
  });

  it('keeps tabs and what is not ASCII', () => {
    expect(preparePaste('\tgrün ☂', false)).toMatchObject({ text: '\tgrün ☂', removed: 0, ask: false });
    expect(preparePaste('', false).lines).toBe(0);
  });
});

it('what is pasted into one of several consoles comes to each as its own program wants it', () => {
  const sent = asPasted('one\ntwo', true);
  expect(sent).toBe('\u001b[200~one\rtwo\u001b[201~');
  const text = preparePaste(pastedIn(sent) ?? '', false).text;
  expect(asPasted(text, false)).toBe('one\rtwo');
  expect(preparePaste(pastedIn(sent) ?? '', false).ask).toBe(true);
  expect(pastedIn('ls\r')).toBeNull();
});
