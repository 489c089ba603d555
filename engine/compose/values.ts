/** Kinds of values in a compose file. All throw an error that names the line. */
import { isAbsolute } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { quoted } from '../notation/misuse.ts';
import { folder as placed } from '../notation/mounts.ts';
import { type Field, hasPlace } from './document.ts';

export function isGiven({ value }: Field): boolean {
  return value !== undefined && value !== null;
}

/** A text, or a number as it is written. */
export function textOf(field: Field): string {
  const { value } = field;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw field.wrong(`${field.path} needs a text.`);
}

export function flagOf(field: Field): boolean {
  const { value } = field;
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw field.wrong(`${field.path} needs true or false.`);
}

/** A list of texts; one text alone stands for a list of it. */
export function textsOf(field: Field): string[] {
  return Array.isArray(field.value) ? field.items().map(textOf) : [textOf(field)];
}

/** A map or a list of NAME=VALUE. A name without a value has null. */
export function pairsOf(field: Field): Map<string, string | null> {
  const found = new Map<string, string | null>();
  if (Array.isArray(field.value)) {
    for (const item of field.items()) {
      const text = textOf(item);
      const at = text.indexOf('=');
      found.set(at < 0 ? text : text.slice(0, at), at < 0 ? null : text.slice(at + 1));
    }
    return found;
  }
  for (const [name, item] of field.entries()) {
    found.set(name, !isGiven(item) ? null : typeof item.value === 'boolean' ? String(item.value) : textOf(item));
  }
  return found;
}

/** The absolute path a text means. `folder`: where relative ones start; null: it is not known. */
export function placeOf(field: Field, folder: string | null, path: string = textOf(field)): string {
  if (folder === null && !isAbsolute(path) && !/^~(\/|$)/.test(path))
    throw field.wrong(
      `${field.path}: ${quoted(path)} is a place in the folder of the file, and only the text of the file is known here.`,
      'Choose the file by its path instead.',
    );
  return placed(path, folder ?? '/');
}

/** Refuses keys that are not known, by name. `x-…` is for others and passes. */
export function onlyKeys(field: Field, known: readonly string[]): void {
  for (const [key, item] of field.entries())
    if (!known.includes(key) && !key.startsWith('x-')) throw item.unsupported();
}

/** Runs a reader of the command line's options; what it finds wrong is said with the line of the file. */
export function reading<T>(field: Field, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof GuesthouseError && (error.code !== 'invalid' || hasPlace(error))) throw error;
    const { message, hint } = error as { message: string; hint?: string };
    throw field.wrong(message, hint);
  }
}
