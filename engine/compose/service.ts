/** One service of a compose file as the draft of a guest. Pure but for the files it names, which `Surroundings` reads. */
import type { GuestDraft } from '../contract/api.ts';
import type { Isolation } from '../contract/guest.ts';
import type { ContainerBuild } from '../contract/image.ts';
import { RUN_DEFAULTS } from '../guests/run-defaults.ts';
import { restart, signal } from '../notation/life.ts';
import { capability, security } from '../notation/limits.ts';
import { device, tmpfs } from '../notation/mounts.ts';
import { duration } from '../notation/quantity.ts';
import type { Field } from './document.ts';
import { grantsOf } from './granted.ts';
import {
  buildOf,
  type Dependency,
  dependenciesOf,
  environmentOf,
  healthOf,
  limitsOf,
  ulimitsOf,
} from './service-parts.ts';
import { type Around, mountsOf, networksOf, portsOf } from './service-places.ts';
import { flagOf, isGiven, onlyKeys, pairsOf, placeOf, reading, textOf, textsOf } from './values.ts';
import { splitWords } from './words.ts';

export interface Service {
  readonly name: string;
  readonly draft: GuestDraft & { readonly image: string };
  readonly build: ContainerBuild | null;
  readonly dependsOn: readonly Dependency[];
  /** It is wanted only with one of these; empty: always. */
  readonly profiles: readonly string[];
  /** null: fetched or built when it is missing. */
  readonly pull: 'always' | 'missing' | 'never' | 'build';
}

const KEYS = [
  ...['image', 'command', 'entrypoint', 'ports', 'volumes', 'environment', 'env_file', 'depends_on', 'networks'],
  ...[
    'network_mode',
    'restart',
    'healthcheck',
    'labels',
    'user',
    'working_dir',
    'hostname',
    'mac_address',
    'init',
    'read_only',
  ],
  ...['tmpfs', 'cap_add', 'cap_drop', 'ulimits', 'deploy', 'mem_limit', 'cpus', 'pids_limit', 'container_name'],
  ...['build', 'stop_signal', 'stop_grace_period', 'security_opt', 'devices', 'tty', 'stdin_open', 'expose'],
  ...['pull_policy', 'x-isolation', 'profiles', 'extends', 'secrets', 'configs'],
];

/** Of what a guest is when nothing is said about it, what a line of the file may say. */
const SAYABLE = [
  'entrypoint',
  'user',
  'workingDir',
  'hostname',
  'init',
  'readOnlyRoot',
  'tmpfs',
  'devices',
  'capabilities',
  'seccomp',
  'noNewPrivileges',
  'ulimits',
  'health',
  'restart',
  'stopSignal',
  'stopGraceMs',
  'labels',
] as const satisfies readonly (keyof typeof RUN_DEFAULTS)[];

/** What nothing was said about. All of it is named, so that a line taken out of the file is taken back in the guest. */
const PLAIN: Partial<GuestDraft> = {
  ...Object.fromEntries(SAYABLE.map((field) => [field, RUN_DEFAULTS[field]])),
  ports: [],
  mounts: [],
  env: {},
  command: null,
};

/** Throws `invalid` or `unsupported` naming the line. */
export function readService(name: string, field: Field, around: Around): Service {
  onlyKeys(field, KEYS);
  const given = <T>(key: string, read: (value: Field) => T): T | undefined => {
    const value = field.at(key);
    return isGiven(value) ? reading(value, () => read(value)) : undefined;
  };
  const isolation = isolationOf(field.at('x-isolation'));
  const build = given('build', (value) => buildOf(value, around.folder, around.variable));
  const image = given('image', textOf);
  if (image === undefined && build === undefined)
    throw field.wrong(`${field.path} needs an image, or a folder to build one from.`);
  const words = (value: Field) => (Array.isArray(value.value) ? value.items().map(textOf) : splitWords(textOf(value)));
  const safe = given('security_opt', (value) =>
    security(textsOf(value), value.path, (path) => placeOf(value, around.folder, path)),
  );
  const { network, moreNetworks, aliases } = networksOf(field, around);
  const labels = given('labels', pairsOf);
  const guest = given('container_name', textOf) ?? `${around.project}-${name}-1`;
  given('expose', textsOf); // Guests of one network reach every port of each other.
  const named: { [K in keyof GuestDraft]?: GuestDraft[K] | undefined } = {
    entrypoint: given('entrypoint', words),
    command: given('command', words),
    user: given('user', textOf),
    workingDir: given('working_dir', textOf),
    hostname: given('hostname', textOf),
    macAddress: given('mac_address', textOf),
    init: given('init', flagOf),
    readOnlyRoot: given('read_only', flagOf),
    tmpfs: given('tmpfs', (value) => textsOf(value).map((text) => tmpfs(text, value.path))),
    devices: given('devices', (value) => textsOf(value).map((text) => device(text, value.path))),
    ulimits: given('ulimits', ulimitsOf),
    health: given('healthcheck', healthOf),
    restart: given('restart', (value) => restart(value.value === false ? 'no' : textOf(value), value.path)),
    stopSignal: given('stop_signal', (value) => signal(textOf(value), value.path)),
    stopGraceMs: given('stop_grace_period', (value) => duration(textOf(value), value.path)),
    labels: labels && Object.fromEntries([...labels].map(([key, value]) => [key, value ?? ''])),
    capabilities: {
      add: (given('cap_add', textsOf) ?? []).map((text) => capability(text, `${field.path}.cap_add`)),
      drop: (given('cap_drop', textsOf) ?? []).map((text) => capability(text, `${field.path}.cap_drop`)),
    },
    tty: given('tty', flagOf) ?? (isolation === 'container' ? false : undefined),
    inputOnce: isolation === 'container' ? !given('stdin_open', flagOf) : undefined,
  };
  return {
    name,
    build: build ? { ...build, name: image ?? `${around.project}-${name}` } : null,
    dependsOn: dependenciesOf(field.at('depends_on')),
    profiles: given('profiles', textsOf) ?? [],
    pull: pullOf(field.at('pull_policy')),
    draft: {
      ...PLAIN,
      ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
      ...safe,
      ...limitsOf(field, isolation),
      name: guest,
      isolation,
      image: image ?? `${around.project}-${name}`,
      ports: portsOf(field.at('ports')),
      mounts: [
        ...mountsOf(field.at('volumes'), around),
        ...grantsOf('configs', field, around.configs, isolation),
        ...grantsOf('secrets', field, around.secrets, isolation),
      ],
      env: environmentOf(field, around),
      network,
      moreNetworks,
      aliases: network === 'none' || network === 'host' ? [] : [...new Set([name, ...aliases])],
    },
  };
}

function isolationOf(field: Field): Isolation {
  const { value } = field;
  if (value === undefined) return 'container';
  if (value === 'container' || value === 'vm' || value === 'microvm') return value;
  throw field.wrong(`${field.path} needs container or vm.`);
}

function pullOf(field: Field): Service['pull'] {
  if (!isGiven(field)) return 'missing';
  const text = textOf(field);
  if (text === 'if_not_present') return 'missing';
  if (text === 'always' || text === 'missing' || text === 'never' || text === 'build') return text;
  throw field.unsupported('There are always, missing, never and build.');
}
