/** `secrets` and `configs`: files of the host that a service sees, read-only, at a place of their own. */
import type { Isolation, Mount } from '../contract/guest.ts';
import type { Field } from './document.ts';
import { isGiven, onlyKeys, placeOf, textOf } from './values.ts';

const KINDS = { secrets: '/run/secrets', configs: '' } as const;
export type GrantKind = keyof typeof KINDS;

/** Absolute paths of files by the names the compose file gives them. Throws for what is kept elsewhere than in a file. */
export function readGrants(
  kind: GrantKind,
  field: Field,
  folder: string | null,
  isThere: (path: string) => boolean,
): Map<string, string> {
  return new Map(
    field.entries().map(([name, item]) => {
      onlyKeys(item, ['file', 'name', 'labels']);
      const file = item.at('file');
      if (!isGiven(file))
        throw item.wrong(`${kind}.${name} needs a file.`, 'Others than files are not supported here.');
      const path = placeOf(file, folder);
      if (!isThere(path)) throw file.wrong(`${file.path}: the file ${path} is not there.`);
      return [name, path] as const;
    }),
  );
}

export function grantsOf(
  kind: GrantKind,
  service: Field,
  granted: ReadonlyMap<string, string>,
  isolation: Isolation,
): Mount[] {
  const field = service.at(kind);
  if (!isGiven(field)) return [];
  if (isolation !== 'container') throw field.unsupported('A machine is given folders, not single files: use volumes.');
  return field.items().map((item) => {
    const isLong = typeof item.value === 'object';
    if (isLong) onlyKeys(item, ['source', 'target']);
    const name = textOf(isLong ? item.at('source') : item);
    const source = granted.get(name);
    if (source === undefined) throw item.wrong(`There is no ${name} under \`${kind}\`.`);
    const target = isLong && isGiven(item.at('target')) ? textOf(item.at('target')) : name;
    return { source, target: target.startsWith('/') ? target : `${KINDS[kind]}/${target}`, readOnly: true };
  });
}
