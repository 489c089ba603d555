// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language that is read here writes its variables so
import { describe, expect, it, test } from 'vitest';
import { parseDotenv } from './dotenv.ts';
import { interpolate } from './interpolate.ts';
import { splitWords } from './words.ts';

const VARIABLES: Readonly<Record<string, string>> = { A: 'a', EMPTY: '' };
const lookup = (name: string) => VARIABLES[name];

describe('variables', () => {
  test.each([
    ['$A-${A}', 'a-a'],
    ['$$A', '$A'],
    ['${NO:-x}${NO-y}', 'xy'],
    ['${EMPTY:-x}${EMPTY-y}', 'x'],
    ['${A:+set}${NO+set}', 'set'],
    ['${NO:-${ALSO:-$A}}', 'a'],
    ['${NO:-a}b}', 'ab}'],
    ['no variable', 'no variable'],
    ['$NO.', '.'],
  ])('%s is %j', (text, expected) => expect(interpolate(text, lookup)).toBe(expected));

  test.each([
    ['${A', 'not closed'],
    ['${}', 'not a variable'],
    ['${A!}', 'not a variable'],
    ['a $ b', '$$'],
    ['${NO:?why}', 'NO has to be set: why'],
    [`${'${A:+'.repeat(50)}x${'}'.repeat(50)}`, 'too deeply'],
  ])('%s is an error', (text, said) => expect(() => interpolate(text, lookup)).toThrow(said));
});

describe('dotenv', () => {
  it('knows quotes, comments, variables and several lines', () => {
    const text = `# comment
A=plain # comment
export B="two\\nlines \${A}"
C='as $A is'
D=\${MISSING:-d}
E="one
two"
F=
HERE
`;
    expect(parseDotenv(text, (name) => (name === 'HERE' ? 'here' : undefined))).toEqual({
      A: 'plain',
      B: 'two\nlines plain',
      C: 'as $A is',
      D: 'd',
      E: 'one\ntwo',
      F: '',
      HERE: 'here',
    });
  });
  test.each(['no name here', 'A="open', '1A=x'])('%j is an error that names its line', (text) =>
    expect(() => parseDotenv(`OK=1\n${text}`, () => undefined)).toThrow('Line 2'),
  );
});

test.each([
  [`a "b c" 'd e' f\\ g`, ['a', 'b c', 'd e', 'f g']],
  [`sh -c 'echo "$X"'`, ['sh', '-c', 'echo "$X"']],
  [`"a\\"b" ""`, ['a"b', '']],
  ['  ', []],
])('the words of %s', (line, words) => expect(splitWords(line)).toEqual(words));
it('refuses an open quote', () => expect(() => splitWords(`a "b`)).toThrow('not closed'));
