/** The OCI image configuration (image-spec, config.md), as far as guests are started by it. */
import { GuesthouseError } from '../contract/errors.ts';
import type { ImageConfig } from '../contract/image.ts';
import { composeHealth, parseHealth } from './config-health.ts';
import { digestHex } from './digests.ts';

/** Go's names of processors, as OCI images use them. */
export function hostArchitecture(): string {
  return { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm' }[process.arch as string] ?? process.arch;
}

/** More of them is an attack or a mistake; what is beyond is left out. */
const MAX_LABELS = 1024;
const MAX_LABEL_BYTES = 64 * 1024;

/** Of an image that says nothing. */
export const NO_CONFIG: ImageConfig = {
  entrypoint: [],
  cmd: [],
  env: [],
  workingDir: '/',
  user: '',
  exposedPorts: [],
  volumes: [],
  stopSignal: null,
  health: null,
  labels: {},
};

export interface ParsedConfig {
  readonly config: ImageConfig;
  readonly architecture: string;
  /** Hex diff ids, bottom first. */
  readonly diffIds: readonly string[];
}

/** Throws `bad-data`. */
export function parseConfig(blob: Uint8Array): ParsedConfig {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(Buffer.from(blob).toString('utf8')) as Record<string, unknown>;
  } catch {
    throw unusable('it is not JSON');
  }
  const rootfs = object(json.rootfs);
  const diffIds = rootfs?.diff_ids;
  if (!Array.isArray(diffIds)) throw unusable('it lists no layers');
  const config = object(json.config) ?? {};
  return {
    architecture: typeof json.architecture === 'string' ? json.architecture.slice(0, 40) : hostArchitecture(),
    diffIds: diffIds.map(digestHex),
    config: {
      entrypoint: strings(config.Entrypoint, 'Entrypoint'),
      cmd: strings(config.Cmd, 'Cmd'),
      env: strings(config.Env, 'Env').filter((entry) => entry.indexOf('=') > 0),
      workingDir: string(config.WorkingDir, 'WorkingDir') || '/',
      user: string(config.User, 'User'),
      exposedPorts: ports(config.ExposedPorts),
      volumes: folders(config.Volumes),
      stopSignal: string(config.StopSignal, 'StopSignal') || null,
      health: parseHealth(object(config.Healthcheck)),
      labels: labels(config.Labels),
    },
  };
}

/** The configuration of an image made here; the same input gives the same bytes. */
export function composeConfig(config: ImageConfig, diffIds: readonly string[]): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      architecture: hostArchitecture(),
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: {
        ...(config.entrypoint.length > 0 ? { Entrypoint: config.entrypoint } : {}),
        Cmd: config.cmd,
        Env: config.env,
        WorkingDir: config.workingDir,
        ...(config.user ? { User: config.user } : {}),
        ...(config.exposedPorts.length > 0
          ? { ExposedPorts: set(config.exposedPorts.map((port) => `${port}/tcp`)) }
          : {}),
        ...(config.volumes.length > 0 ? { Volumes: set(config.volumes) } : {}),
        ...(config.stopSignal ? { StopSignal: config.stopSignal } : {}),
        ...(config.health ? { Healthcheck: composeHealth(config.health) } : {}),
        ...(Object.keys(config.labels).length > 0 ? { Labels: config.labels } : {}),
      },
      rootfs: { type: 'layers', diff_ids: diffIds.map((hex) => `sha256:${hex}`) },
    }),
  );
}

function object(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function strings(value: unknown, field: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((part) => typeof part !== 'string' || part.includes('\0')))
    throw unusable(`its ${field} is not a list of words`);
  return value as string[];
}

function string(value: unknown, field: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string' || value.includes('\0')) throw unusable(`its ${field} is not text`);
  return value;
}

/** `{"80/tcp": {}}` -> `[80]`. */
function ports(value: unknown): number[] {
  const found = Object.keys(object(value) ?? {}).flatMap((key) => {
    const match = /^(\d{1,5})(?:\/tcp)?$/.exec(key);
    const port = match ? Number(match[1]) : 0;
    return port >= 1 && port <= 65535 ? [port] : [];
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

/** `{"/data": {}}` -> `["/data"]`. */
function folders(value: unknown): string[] {
  return Object.keys(object(value) ?? {}).filter((path) => path.startsWith('/') && !path.includes('\0'));
}

/** Labels only describe, so one that is no text is left out instead of making the image useless. */
function labels(value: unknown): Record<string, string> {
  const found = Object.entries(object(value) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length <= MAX_LABEL_BYTES,
  );
  return Object.fromEntries(found.slice(0, MAX_LABELS));
}

/** The form in which OCI writes a set: its members are the keys. */
function set(members: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(members.map((member) => [member, {}]));
}

function unusable(why: string): GuesthouseError {
  return new GuesthouseError({ code: 'bad-data', message: `The image's configuration cannot be used: ${why}.` });
}
