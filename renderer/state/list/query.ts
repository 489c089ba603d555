/**
 * The filter's language: words, and `key:value`, `key>number`, each with `-` before it for its opposite; all of them must
 * hold. `a,b` after a key: either. A key nobody knows is a word like any other (`debian:12`), unless it is nearly a known
 * one. What cannot be understood is said, and the rest still filters. Pure.
 */
import { m } from '../../messages.ts';
import { amountOf, compares } from './amount.ts';
import { everything, type Facts, FIELDS, type Field, type FieldKey, fieldKey } from './fields.ts';
import { nearest, type Token, tokensOf } from './tokens.ts';

export interface Problem {
  /** Where in the line. */
  readonly from: number;
  readonly to: number;
  /** What is wrong and what would be right, as a sentence. */
  readonly text: string;
}

export interface Query {
  /** Whether anything is filtered at all. */
  readonly empty: boolean;
  /** Whether the answer changes with every frame of figures. */
  readonly live: boolean;
  readonly problems: readonly Problem[];
  matches(facts: Facts): boolean;
}

type Test = (facts: Facts) => boolean;
type Understood = { readonly test: Test; readonly live?: boolean } | { readonly problem: string };

export function parseQuery(line: string): Query {
  const tests: Test[] = [];
  const problems: Problem[] = [];
  let live = false;
  for (const token of tokensOf(line)) {
    const understood = understand(token);
    if ('problem' in understood) {
      problems.push({ from: token.from, to: token.to, text: understood.problem });
      continue;
    }
    const { test } = understood;
    if (understood.live) live = true;
    tests.push(token.negated ? (facts) => !test(facts) : test);
  }
  return { empty: tests.length === 0, live, problems, matches: (facts) => tests.every((test) => test(facts)) };
}

function understand(token: Token): Understood {
  const { key, sign, value } = token;
  const known = key === null ? null : fieldKey(key);
  if (known === null) {
    if (key === null) return word(token);
    const near = nearKey(key, value);
    const isWord = near === null && (sign === ':' || sign === '=');
    return isWord ? word(token) : { problem: m.list.problems.key(key, near) };
  }
  const field: Field = FIELDS[known];
  if (value === '') return { problem: field.kind === 'number' ? number(known, '') : m.list.problems.missing(known) };
  if (field.kind === 'number') return measured(known, field, token);
  if (sign !== ':' && sign !== '=') return { problem: m.list.problems.compare(known) };
  const wanted = value.toLowerCase().split(',').filter(Boolean);
  if (field.kind === 'choice') {
    const strange = wanted.find((one) => !field.choices.includes(one));
    if (strange !== undefined)
      return { problem: m.list.problems.choice(known, strange, nearest(strange, field.choices, 2)) };
    return { test: ({ guest }) => wanted.includes(field.of(guest)) };
  }
  if (field.kind === 'label') return { test: ({ guest }) => wanted.some((one) => hasLabel(guest.spec.labels, one)) };
  if (field.kind === 'port')
    return {
      test: ({ guest }) =>
        guest.ports.some((port) => wanted.includes(`${port.hostPort}`) || wanted.includes(`${port.guestPort}`)),
    };
  return {
    test: ({ guest }) => field.texts(guest).some((text) => wanted.some((one) => text.toLowerCase().includes(one))),
  };
}

function measured(key: FieldKey, field: Extract<Field, { kind: 'number' }>, { sign, value }: Token): Understood {
  const amount = amountOf(value, field.measure);
  if (amount === null || (amount.share && field.measure !== 'percent' && !field.share))
    return { problem: number(key, value) };
  const of = amount.share && field.share ? field.share : field.of;
  return {
    live: field.live,
    test: (facts) => {
      const is = of(facts);
      return is !== null && compares(is, sign ?? '=', amount);
    },
  };
}

const number = (key: FieldKey, value: string): string => {
  const field: Field = FIELDS[key];
  return m.list.problems.number(key, value, field.kind === 'number' ? field.example : key);
};

/** Nearly a key, and not the name of an image or the like. */
function nearKey(key: string, value: string): string | null {
  if (/^\d/.test(value) || key.length < 3) return null;
  return nearest(key, Object.keys(FIELDS), key.length < 6 ? 1 : 2);
}

/** As it was typed, sign and all. */
function word({ key, sign, value }: Token): Understood {
  const text = `${key ?? ''}${sign ?? ''}${value}`.toLowerCase();
  return { test: ({ guest }) => everything(guest).includes(text) };
}

/** `team` is there, whatever its value; `team=web` is that; both may end in `*`. */
function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  return Object.entries(labels).some(([key, value]) => {
    const name = key.toLowerCase();
    const whole = `${name}=${value.toLowerCase()}`;
    return wanted.endsWith('*') ? whole.startsWith(wanted.slice(0, -1)) : name === wanted || whole === wanted;
  });
}
