/** Parts of a service that are a little language of their own: health, limits, dependencies, environment, build. */
import { resolve } from 'node:path';
import type { GuestDraft } from '../contract/api.ts';
import type { HealthCheck, Isolation, Ulimit } from '../contract/guest.ts';
import type { ContainerBuild } from '../contract/image.ts';
import { HEALTH_DEFAULTS, SHELL } from '../notation/life.ts';
import { ulimit } from '../notation/limits.ts';
import { whole } from '../notation/misuse.ts';
import { duration, mebibytes } from '../notation/quantity.ts';
import type { Field } from './document.ts';
import { parseDotenv } from './dotenv.ts';
import type { Around } from './service-places.ts';
import { flagOf, isGiven, onlyKeys, pairsOf, placeOf, reading, textOf, textsOf } from './values.ts';

const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'] as const;

export interface Dependency {
  readonly service: string;
  readonly condition: (typeof CONDITIONS)[number];
  readonly line: Field;
}

export function dependenciesOf(field: Field): Dependency[] {
  if (!isGiven(field)) return [];
  if (Array.isArray(field.value)) {
    return field.items().map((item) => ({ service: textOf(item), condition: 'service_started', line: item }));
  }
  return field.entries().map(([service, item]) => {
    onlyKeys(item, ['condition', 'required']);
    const required = item.at('required');
    if (isGiven(required) && !flagOf(required)) throw required.unsupported();
    const wish = item.at('condition');
    const condition = CONDITIONS.find((name) => name === (wish.value ?? 'service_started'));
    if (!condition) throw wish.wrong(`${wish.path} needs one of ${CONDITIONS.join(', ')}.`);
    return { service, condition, line: item };
  });
}

export function healthOf(field: Field): HealthCheck {
  onlyKeys(field, ['test', 'interval', 'timeout', 'retries', 'start_period', 'disable']);
  const time = (key: string, otherwise: number) => {
    const value = field.at(key);
    return isGiven(value) ? reading(value, () => duration(textOf(value), value.path)) : otherwise;
  };
  const retries = field.at('retries');
  const test = field.at('test');
  const disable = field.at('disable');
  const isOff = isGiven(disable) && flagOf(disable);
  if (!isOff && !isGiven(test))
    throw field.wrong(
      `${field.path} needs a test.`,
      "The image's own check is taken as it is, or replaced as a whole.",
    );
  return {
    command: isOff ? [] : testOf(test),
    intervalMs: time('interval', HEALTH_DEFAULTS.intervalMs),
    timeoutMs: time('timeout', HEALTH_DEFAULTS.timeoutMs),
    startPeriodMs: time('start_period', HEALTH_DEFAULTS.startPeriodMs),
    retries: isGiven(retries)
      ? reading(retries, () => whole(textOf(retries), retries.path, 1))
      : HEALTH_DEFAULTS.retries,
  };
}

function testOf(field: Field): string[] {
  if (!Array.isArray(field.value)) return [...SHELL, textOf(field)];
  const [kind, ...words] = textsOf(field);
  if (kind === 'NONE' && words.length === 0) return [];
  if (kind === 'CMD' && words.length > 0) return words;
  if (kind === 'CMD-SHELL' && words.length === 1) return [...SHELL, words[0] as string];
  throw field.wrong(`${field.path} needs NONE, CMD with words, or CMD-SHELL with one line.`);
}

/** What a guest has where nothing is said (`create` has the same). */
const DEFAULT_MEMORY_MIB: Record<Isolation, number> = { container: 512, microvm: 512, vm: 1024 };
const DEFAULT_PIDS = 4096;

export function limitsOf(service: Field, isolation: Isolation): Pick<GuestDraft, 'cpus' | 'memoryMib' | 'pidsLimit'> {
  const deploy = service.at('deploy');
  onlyKeys(deploy, ['resources', 'replicas']);
  const replicas = deploy.at('replicas');
  if (isGiven(replicas) && replicas.value !== 1) throw replicas.unsupported('A service is one guest.');
  onlyKeys(deploy.at('resources'), ['limits']);
  const limits = deploy.at('resources').at('limits');
  onlyKeys(limits, ['cpus', 'memory', 'pids']);
  const first = <T>(fields: readonly Field[], read: (field: Field) => T, otherwise: T): T => {
    const field = fields.find(isGiven);
    return field ? reading(field, () => read(field)) : otherwise;
  };
  const cpus = (field: Field) => {
    const value = Number(textOf(field));
    if (!(value > 0)) throw field.wrong(`${field.path} needs a number above 0.`);
    return value;
  };
  return {
    cpus: first([limits.at('cpus'), service.at('cpus')], cpus, 1),
    memoryMib: first(
      [limits.at('memory'), service.at('mem_limit')],
      (field) => mebibytes(textOf(field), field.path, 'b'),
      DEFAULT_MEMORY_MIB[isolation],
    ),
    pidsLimit: first(
      [limits.at('pids'), service.at('pids_limit')],
      (field) => whole(textOf(field), field.path, 1),
      DEFAULT_PIDS,
    ),
  };
}

export function ulimitsOf(field: Field): Ulimit[] {
  return field.entries().map(([name, item]) => {
    if (typeof item.value !== 'object') return reading(item, () => ulimit(`${name}=${textOf(item)}`, item.path));
    onlyKeys(item, ['soft', 'hard']);
    return reading(item, () => ulimit(`${name}=${textOf(item.at('soft'))}:${textOf(item.at('hard'))}`, item.path));
  });
}

/** Files first, in their order, then the service's own lines. */
export function environmentOf(service: Field, around: Around): Record<string, string> {
  const env: Record<string, string> = {};
  const files = service.at('env_file');
  for (const item of !isGiven(files) ? [] : Array.isArray(files.value) ? files.items() : [files]) {
    const isLong = item.value !== null && typeof item.value === 'object';
    if (isLong) onlyKeys(item, ['path', 'required']);
    const required = isLong && isGiven(item.at('required')) ? flagOf(item.at('required')) : true;
    const path = placeOf(isLong ? item.at('path') : item, around.folder);
    const text = reading(item, () => around.readFile(path));
    if (text === null && required) throw item.wrong(`${item.path}: the file ${path} cannot be read.`);
    if (text !== null)
      Object.assign(
        env,
        reading(item, () => parseDotenv(text, around.variable)),
      );
  }
  const field = service.at('environment');
  for (const [name, value] of isGiven(field) ? pairsOf(field) : []) {
    const found = value ?? around.variable(name);
    if (found !== undefined) env[name] = found;
  }
  return env;
}

export function buildOf(
  field: Field,
  folder: string | null,
  variable: (name: string) => string | undefined,
): Omit<ContainerBuild, 'name'> {
  if (typeof field.value === 'string') return { context: placeOf(field, folder) };
  onlyKeys(field, ['context', 'dockerfile', 'args', 'target', 'no_cache']);
  const [context, file, args, target, noCache] = ['context', 'dockerfile', 'args', 'target', 'no_cache'].map((key) =>
    field.at(key),
  ) as [Field, Field, Field, Field, Field];
  if (isGiven(context) && /^[a-z+]+:\/\/|^git@/.test(textOf(context)))
    throw context.unsupported('Fetch it first, and name the folder.');
  const base = isGiven(context) ? placeOf(context, folder) : placeOf(field, folder, '.');
  const buildArgs = isGiven(args)
    ? Object.fromEntries(
        [...pairsOf(args)].flatMap(([name, value]) => {
          const found = value ?? variable(name);
          return found === undefined ? [] : [[name, found]];
        }),
      )
    : null;
  return {
    context: base,
    ...(isGiven(file) ? { containerfile: resolve(base, textOf(file)) } : {}),
    ...(buildArgs ? { buildArgs } : {}),
    ...(isGiven(target) ? { target: textOf(target) } : {}),
    ...(isGiven(noCache) && flagOf(noCache) ? { noCache: true } : {}),
  };
}
