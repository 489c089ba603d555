/**
 * One part of a compose file laid over another, as `extends` and a second file do it: maps are joined, lists are put
 * together, anything else is replaced. Compose specification, 13-merge.md. Pure.
 */
import type { Field } from './document.ts';
import { isGiven } from './values.ts';

/** Lists that are one thing, and are replaced as one. */
const WHOLE = /^services\.[^.]+\.(?:command|entrypoint|profiles|healthcheck\.test)$/;

/** What `over` says goes before what `base` says; errors name the line of whoever said it. */
export function merged(base: Field, over: Field): Field {
  if (!isGiven(over)) return base;
  if (!isGiven(base) || WHOLE.test(over.path)) return over;
  if (Array.isArray(base.value) && Array.isArray(over.value)) return lists(base, over);
  if (isList(base) && isList(over)) return maps(asMap(base), asMap(over));
  return over;
}

const isList = ({ value }: Field): boolean => typeof value === 'object' && value !== null;

function lists(base: Field, over: Field): Field {
  // A volume or a secret of the same place in the guest is the same one, said anew.
  const places = new Set(over.items().map(placeOf));
  const items = [...base.items().filter((item) => !places.has(placeOf(item))), ...over.items()];
  return {
    ...over,
    value: items.map(({ value }) => value),
    items: () => items,
    at: (key) => items[Number(key)] ?? over,
  };
}

function placeOf(item: Field): string {
  if (typeof item.value !== 'string') {
    const place = item.at('target').value ?? item.at('source').value;
    return isGiven(item.at('published')) || place === undefined ? JSON.stringify(item.value) : String(place);
  }
  const isVolume = /\.volumes\.\d+$/.test(item.path);
  return isVolume ? (item.value.split(':')[1] ?? item.value) : item.value;
}

function maps(base: Field, over: Field): Field {
  const at = (key: string | number) => merged(base.at(key), over.at(key));
  const keys = [...new Set([...base.entries(), ...over.entries()].map(([key]) => key))];
  return {
    ...over,
    value: { ...(base.value as object), ...(over.value as object) },
    at,
    entries: () => keys.map((key) => [key, at(key)] as const),
  };
}

/** `[A=1, B]` as `{ A: 1, B: }`, so that a list and a map of the same kind can be joined. */
function asMap(field: Field): Field {
  if (!Array.isArray(field.value)) return field;
  const members = new Map<string, Field>();
  for (const item of field.items()) {
    const text = String(item.value);
    const split = text.indexOf('=');
    members.set(split < 0 ? text : text.slice(0, split), bare(item, split < 0 ? null : text.slice(split + 1)));
  }
  return {
    ...field,
    value: Object.fromEntries([...members].map(([name, { value }]) => [name, value])),
    at: (key) => members.get(String(key)) ?? bare(field, undefined),
    entries: () => [...members],
  };
}

function bare(field: Field, value: unknown): Field {
  const self: Field = { ...field, value, entries: () => [], at: () => bare(field, undefined) };
  return self;
}
