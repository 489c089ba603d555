/** A whole compose file: its services in the order they start, its networks and volumes. Pure but for files it names. */
import { basename } from 'node:path';
import type { NetworkMode } from '../contract/network.ts';
import { misused, quoted } from '../notation/misuse.ts';
import { type Field, readDocument } from './document.ts';
import { extended } from './extends.ts';
import { readGrants } from './granted.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import { merged } from './merge.ts';
import { readService, type Service } from './service.ts';
import { flagOf, isGiven, onlyKeys, pairsOf, textOf } from './values.ts';

/** A network or volume of the project, or one that is there without it. */
export interface Resource {
  /** Its name in the file. */
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ProjectNetwork extends Resource {
  readonly mode: NetworkMode;
  readonly subnet4: string | null;
}

export interface Project {
  readonly name: string;
  /** What a service waits for comes before it. */
  readonly services: readonly Service[];
  /** Those that services use. */
  readonly networks: readonly ProjectNetwork[];
  readonly volumes: readonly Resource[];
  /** Variables that are set nowhere; they count as empty. */
  readonly unset: readonly string[];
}

/** `fileName`: shown in errors, `compose.yaml`. */
export interface ComposeText {
  readonly text: string;
  readonly fileName: string;
}

export interface ProjectSource extends ComposeText {
  /** Files laid over the first, in order. */
  readonly overrides?: readonly ComposeText[];
  /** Absolute path that relative ones start from; null: only the text of the file is known. */
  readonly folder: string | null;
  /** What was asked for; goes before the file's own. */
  readonly name: string | null;
  readonly variable: Lookup;
  readonly readFile: (path: string) => string | null;
  readonly isThere: (path: string) => boolean;
}

const MAX_SERVICES = 256;
/** What variables may add to all texts of a file, each as often as it is looked at (characters). */
const MAX_GROWN = 16 * 1024 * 1024;

/** Throws `invalid` or `unsupported` naming the line. */
export function readProject(source: ProjectSource): Project {
  const unset = new Set<string>();
  let grown = 0;
  const read = ({ text, fileName }: ComposeText) => {
    const file = readDocument(text, fileName, (value, field) => {
      try {
        const meant = interpolate(value, source.variable, (name) => unset.add(name));
        grown += Math.max(0, meant.length - value.length);
        if (grown > MAX_GROWN) throw new Error('The variables make the file too large.');
        return meant;
      } catch (error) {
        throw field.wrong((error as Error).message);
      }
    });
    onlyKeys(file, ['name', 'version', 'services', 'networks', 'volumes', 'secrets', 'configs']);
    return file;
  };
  const file = [source, ...(source.overrides ?? [])].map(read).reduce(merged);
  const name = projectName(source, file.at('name'));
  const networks = new Map(
    file
      .at('networks')
      .entries()
      .map(([key, field]) => [key, readNetwork(name, key, field)]),
  );
  if (!networks.has('default')) {
    networks.set('default', {
      key: 'default',
      name: `${name}_default`,
      external: false,
      labels: {},
      mode: 'nat',
      subnet4: null,
    });
  }
  const volumes = new Map(
    file
      .at('volumes')
      .entries()
      .map(([key, field]) => [key, readVolume(name, key, field)]),
  );
  const entries = file.at('services').entries();
  if (entries.length === 0) throw file.wrong('The file has no services.');
  if (entries.length > MAX_SERVICES) throw file.at('services').wrong(`There are more than ${MAX_SERVICES} services.`);
  const around = {
    ...source,
    project: name,
    networks: new Map([...networks].map(([key, network]) => [key, network.name])),
    volumes: new Map([...volumes].map(([key, volume]) => [key, volume.name])),
    secrets: readGrants('secrets', file.at('secrets'), source.folder, source.isThere),
    configs: readGrants('configs', file.at('configs'), source.folder, source.isThere),
  };
  const extending = {
    folder: source.folder,
    servicesOf(path: string) {
      const text = source.readFile(path);
      return text === null ? null : read({ text, fileName: basename(path) }).at('services');
    },
  };
  const services = entries.map(([key, field]) => {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(key)) throw field.wrong(`${quoted(key)} cannot be the name of a service.`);
    return readService(key, extended(field, file.at('services'), extending), around);
  });
  checkNames(services, file);
  const used = new Set(services.flatMap(({ draft }) => [draft.network ?? '', ...(draft.moreNetworks ?? [])]));
  const mounted = new Set(services.flatMap(({ draft }) => (draft.mounts ?? []).map((mount) => mount.source)));
  return {
    name,
    services: inOrder(services, file),
    networks: [...networks.values()].filter((network) => used.has(network.name)),
    volumes: [...volumes.values()].filter((volume) => mounted.has(volume.name)),
    unset: [...unset],
  };
}

/** What was asked for, the file's, or that of the folder made fit; without a folder, of the file. */
export function projectName(
  { name, folder, fileName }: Pick<ProjectSource, 'name' | 'folder' | 'fileName'>,
  field: Field | null,
): string {
  const asked = name ?? (field && isGiven(field) ? textOf(field) : null);
  if (asked !== null) {
    if (/^[a-z0-9][a-z0-9_-]{0,39}$/.test(asked)) return asked;
    const hint = 'Use 1 to 40 of a-z, 0-9, `_` and `-`, starting with a letter or digit.';
    const message = `${quoted(asked)} cannot be the name of a project.`;
    throw name === null && field ? field.wrong(message, hint) : misused(message, hint);
  }
  const made = (folder === null ? fileName.replace(/\.ya?ml$/i, '') : basename(folder))
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')
    .slice(0, 40);
  if (made === '') throw misused('The folder has no name a project could have.', 'Give one with -p.');
  return made;
}

function readNetwork(project: string, key: string, field: Field): ProjectNetwork {
  onlyKeys(field, ['name', 'external', 'internal', 'labels', 'driver', 'ipam']);
  const driver = field.at('driver');
  if (isGiven(driver) && driver.value !== 'bridge') throw driver.unsupported('Leave it out.');
  const ipam = field.at('ipam');
  onlyKeys(ipam, ['config']);
  const config = isGiven(ipam.at('config')) ? ipam.at('config').items() : [];
  for (const item of config) onlyKeys(item, ['subnet']);
  if (config.length > 1) throw (config[1] as Field).unsupported('A network has one IPv4 subnet.');
  const internal = field.at('internal');
  return {
    ...resource(project, key, field),
    mode: isGiven(internal) && flagOf(internal) ? 'isolated' : 'nat',
    subnet4: config[0] ? textOf(config[0].at('subnet')) : null,
  };
}

function readVolume(project: string, key: string, field: Field): Resource {
  onlyKeys(field, ['name', 'external', 'labels', 'driver']);
  const driver = field.at('driver');
  if (isGiven(driver) && driver.value !== 'local') throw driver.unsupported('Leave it out.');
  return resource(project, key, field);
}

function resource(project: string, key: string, field: Field): Resource {
  const external = isGiven(field.at('external')) && flagOf(field.at('external'));
  const labels = isGiven(field.at('labels')) ? pairsOf(field.at('labels')) : new Map<string, string | null>();
  return {
    key,
    name: isGiven(field.at('name')) ? textOf(field.at('name')) : external ? key : `${project}_${key}`,
    external,
    labels: Object.fromEntries([...labels].map(([name, value]) => [name, value ?? ''])),
  };
}

function checkNames(services: readonly Service[], file: Field): void {
  const owners = new Map<string, string>();
  for (const { name, draft } of services) {
    const other = owners.get(draft.name);
    if (other !== undefined)
      throw file
        .at('services')
        .at(name)
        .wrong(`The services ${other} and ${name} would both be the guest ${draft.name}.`);
    owners.set(draft.name, name);
  }
}

/** Each after all it depends on, else as in the file. Throws for a circle and for what is not there. */
function inOrder(services: readonly Service[], file: Field): Service[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const done = new Set<Service>();
  const visit = (service: Service, above: readonly string[]) => {
    if (done.has(service)) return;
    if (above.includes(service.name)) {
      const circle = [...above.slice(above.indexOf(service.name)), service.name].join(' -> ');
      throw file.at('services').at(service.name).at('depends_on').wrong(`Services wait for each other: ${circle}.`);
    }
    for (const { service: wanted, condition, line } of service.dependsOn) {
      const found = byName.get(wanted);
      if (!found) throw line.wrong(`${service.name} depends on ${quoted(wanted)}, and there is no such service.`);
      if (condition === 'service_healthy' && found.draft.health?.command.length === 0)
        throw line.wrong(`${service.name} waits until ${wanted} is healthy, and its health check is switched off.`);
      visit(found, [...above, service.name]);
    }
    done.add(service);
  };
  for (const service of services) visit(service, []);
  return [...done];
}
