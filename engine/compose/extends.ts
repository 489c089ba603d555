/** A service that says what it does not repeat: `extends`, of this file or of another one in the same folder. */
import { basename, dirname } from 'node:path';
import type { Field } from './document.ts';
import { merged } from './merge.ts';
import { isGiven, onlyKeys, placeOf, reading, textOf } from './values.ts';

export interface Extending {
  /** Absolute path of the folder the project is in; null: it is not known. */
  readonly folder: string | null;
  /** The services of another file. null: it is not there. */
  readonly servicesOf: (path: string) => Field | null;
}

/** The service with all it extends. Throws for a circle and for what is not there, naming the line. */
export function extended(service: Field, services: Field, around: Extending, above: readonly string[] = []): Field {
  const wish = service.at('extends');
  if (!isGiven(wish)) return service;
  const isLong = typeof wish.value === 'object';
  if (isLong) onlyKeys(wish, ['service', 'file']);
  const name = textOf(isLong ? wish.at('service') : wish);
  const file = isLong && isGiven(wish.at('file')) ? wish.at('file') : null;
  const path = file === null ? null : placeOf(file, around.folder);
  if (file !== null && path !== null && dirname(path) !== around.folder)
    throw file.unsupported('Its relative paths would mean other places: put it beside this file.');
  const place = `${path ?? ''}#${name}`;
  if (above.includes(place)) throw wish.wrong(`${service.path} extends itself.`);
  const found = file === null || path === null ? services : reading(file, () => around.servicesOf(path));
  if (file !== null && path !== null && found === null)
    throw file.wrong(`${file.path}: the file ${basename(path)} cannot be read.`);
  const base = (found as Field).at(name);
  if (!isGiven(base))
    throw wish.wrong(`${service.path} extends ${JSON.stringify(name)}, and there is no such service.`);
  return merged(extended(base, found as Field, around, [...above, place]), service);
}
