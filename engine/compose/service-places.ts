/** Where a service meets others: its networks, ports and volumes, in the short and the long form. */
import type { Mount, PortRule } from '../contract/guest.ts';
import { whole } from '../notation/misuse.ts';
import { mount } from '../notation/mounts.ts';
import { LOOPBACK, ports } from '../notation/ports.ts';
import type { Field } from './document.ts';
import { flagOf, isGiven, onlyKeys, placeOf, reading, textOf, textsOf } from './values.ts';

/** What a service is read in. */
export interface Around {
  readonly project: string;
  /** Absolute path that relative paths start from; null: only the text of the file is known. */
  readonly folder: string | null;
  /** Variables of `.env` and our own environment. */
  readonly variable: (name: string) => string | undefined;
  /** null: it is not there. */
  readonly readFile: (path: string) => string | null;
  /** Real names by the names used in the file. */
  readonly networks: ReadonlyMap<string, string>;
  readonly volumes: ReadonlyMap<string, string>;
  /** Absolute paths by the names used in the file. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
}

export function portsOf(field: Field): PortRule[] {
  if (!isGiven(field)) return [];
  return field.items().flatMap((item) => {
    if (item.value === null || typeof item.value !== 'object')
      return reading(item, () => ports(textOf(item), item.path));
    onlyKeys(item, ['target', 'published', 'host_ip', 'protocol', 'mode', 'name']);
    const published = item.at('published');
    const protocol = item.at('protocol').value ?? 'tcp';
    if (protocol !== 'tcp' && protocol !== 'udp')
      throw item.at('protocol').wrong(`${item.path}.protocol needs tcp or udp.`);
    return [
      {
        hostIp: isGiven(item.at('host_ip')) ? textOf(item.at('host_ip')) : LOOPBACK,
        hostPort: isGiven(published) ? reading(published, () => whole(textOf(published), published.path)) : 0,
        guestPort: reading(item, () => whole(textOf(item.at('target')), `${item.path}.target`, 1)),
        protocol,
      },
    ];
  });
}

export function mountsOf(field: Field, around: Around): Mount[] {
  if (!isGiven(field)) return [];
  return field.items().map((item) => {
    if (typeof item.value === 'string') {
      const text = item.value;
      return known(
        item,
        reading(item, () => mount(text, (path) => placeOf(item, around.folder, path), item.path)),
        around,
      );
    }
    onlyKeys(item, ['type', 'source', 'target', 'read_only']);
    const type = textOf(item.at('type'));
    if (type !== 'volume' && type !== 'bind')
      throw item.at('type').unsupported('There are volume and bind; tmpfs is a field of its own.');
    const source = textOf(item.at('source'));
    return known(
      item,
      {
        source: type === 'bind' ? placeOf(item.at('source'), around.folder) : source,
        target: textOf(item.at('target')),
        readOnly: isGiven(item.at('read_only')) && flagOf(item.at('read_only')),
      },
      around,
    );
  });
}

/** A volume goes by the name the file gives it at its end. */
function known(item: Field, rule: Mount, { volumes }: Around): Mount {
  if (rule.source.startsWith('/')) return rule;
  const source = volumes.get(rule.source);
  if (source === undefined)
    throw item.wrong(
      `${item.path}: there is no volume ${rule.source} under \`volumes\`.`,
      `Write \`volumes: { ${rule.source}: {} }\` at the end of the file, or ./${rule.source} for a folder.`,
    );
  return { ...rule, source };
}

export interface Networks {
  readonly network: string;
  readonly moreNetworks: readonly string[];
  readonly aliases: readonly string[];
}

export function networksOf(service: Field, around: Around): Networks {
  const mode = service.at('network_mode');
  const field = service.at('networks');
  if (isGiven(mode)) {
    if (isGiven(field)) throw mode.wrong('network_mode and networks exclude each other.');
    const text = textOf(mode);
    if (text !== 'none' && text !== 'host') throw mode.unsupported('There are none and host.');
    return { network: text, moreNetworks: [], aliases: [] };
  }
  const wanted: { name: string; item: Field; aliases: readonly string[] }[] = [];
  if (Array.isArray(field.value))
    for (const item of field.items()) wanted.push({ name: textOf(item), item, aliases: [] });
  else
    for (const [name, item] of field.entries()) {
      onlyKeys(item, ['aliases']);
      wanted.push({ name, item, aliases: isGiven(item.at('aliases')) ? textsOf(item.at('aliases')) : [] });
    }
  if (wanted.length === 0) wanted.push({ name: 'default', item: field, aliases: [] });
  const [network, ...moreNetworks] = wanted.map(({ name, item }) => {
    const real = around.networks.get(name);
    if (real === undefined) throw item.wrong(`There is no network ${name} under \`networks\`.`);
    return real;
  });
  return { network: network as string, moreNetworks, aliases: wanted.flatMap(({ aliases }) => aliases) };
}
