/** How the word that is being typed in the filter could go on. Pure. */
import type { Guest } from '../../../engine/contract/index.ts';
import { m } from '../../messages.ts';
import { FIELDS, type Field, type FieldKey, fieldKey } from './fields.ts';
import { tokensOf } from './tokens.ts';

export interface Suggestion {
  /** As it is shown. */
  readonly text: string;
  readonly hint: string;
  /** The whole line once it is taken, and where the caret goes. */
  readonly line: string;
  readonly caret: number;
}

/** More do not help anybody choose. */
const MOST = 8;

export function complete(line: string, caret: number, guests: Iterable<Guest>): Suggestion[] {
  const token = tokensOf(line).find(({ from, to }) => from < caret && caret <= to);
  if (!token || caret !== token.to) return [];
  const take = (from: number, text: string, more: string): Pick<Suggestion, 'line' | 'caret'> => {
    const rest = line.slice(token.to);
    const space = more === '' && !rest.startsWith(' ') ? ' ' : '';
    const head = line.slice(0, from) + text + more + space;
    return { line: head + rest, caret: head.length + (more === '' && space === '' ? 1 : 0) };
  };
  if (token.key === null) {
    const typed = token.value.toLowerCase();
    if (typed === '' || typed === '-') return [];
    return (Object.keys(FIELDS) as FieldKey[])
      .filter((key) => key.startsWith(typed))
      .map((key) => ({
        text: key + signOf(key),
        hint: m.list.keys[key],
        ...take(token.valueFrom, key, signOf(key)),
      }));
  }
  const key = fieldKey(token.key);
  if (key === null || (token.sign !== ':' && token.sign !== '=')) return [];
  // After a comma another value begins.
  const before = token.value.lastIndexOf(',') + 1;
  const typed = token.value.slice(before).toLowerCase();
  const found = valuesOf(key, guests).filter(({ text }) => text.toLowerCase().startsWith(typed));
  if (found.length === 1 && found[0]?.text.toLowerCase() === typed) return [];
  return found
    .slice(0, MOST)
    .map(({ text, hint }) => ({ text, hint, ...take(token.valueFrom + before, quote(text), '') }));
}

const signOf = (key: FieldKey): string => ((FIELDS[key] as Field).kind === 'number' ? '>' : ':');
const quote = (text: string): string => (/\s/.test(text) ? `"${text}"` : text);

/** Values that are there, the most frequent first, with how many guests have them. */
function valuesOf(key: FieldKey, guests: Iterable<Guest>): { text: string; hint: string }[] {
  const field: Field = FIELDS[key];
  const counts = new Map<string, number>();
  const count = (text: string) => text !== '' && counts.set(text, (counts.get(text) ?? 0) + 1);
  if (field.kind === 'choice') for (const choice of field.choices) counts.set(choice, 0);
  for (const guest of guests) {
    if (field.kind === 'choice') count(field.of(guest));
    else if (field.kind === 'text') for (const text of new Set(field.texts(guest))) count(text);
    else if (field.kind === 'port') for (const port of guest.ports) count(`${port.hostPort}`);
    else if (field.kind === 'label')
      for (const [name, value] of Object.entries(guest.spec.labels)) {
        count(name);
        count(`${name}=${value}`);
      }
  }
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return sorted.map(([text, n]) => ({ text, hint: m.words.guests(n) }));
}
