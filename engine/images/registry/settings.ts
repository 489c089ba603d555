/** What the machine or the person chose about registries: which one names without a host mean, and who mirrors which. */
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { readJson } from '../../host/files.ts';
import { credentialKeys, type Reference, requireHost } from './reference.ts';

/**
 * `GUESTHOUSE_REGISTRY` (of whoever asks, else of this process), else `"default"` in `<home>/registries.json`, else null.
 * Throws `invalid`.
 */
export async function defaultRegistry(
  home: string,
  asked: string | undefined = process.env.GUESTHOUSE_REGISTRY,
): Promise<string | null> {
  const file = join(home, 'registries.json');
  const wished = asked || fieldOf(await read(file), 'default', file);
  if (wished === null) return null;
  requireHost(wished, asked ? 'GUESTHOUSE_REGISTRY' : file);
  return wished.toLowerCase();
}

/**
 * Where an image is asked for, in order: the mirrors of its registry (`"mirrors": {"docker.io": ["mirror.example:5000",
 * "cache.example/hub"]}`), and the registry itself last. The image keeps its name. Throws `invalid`.
 */
export async function placesOf(home: string, reference: Reference): Promise<readonly Reference[]> {
  const file = join(home, 'registries.json');
  const mirrors = (await read(file))?.mirrors ?? {};
  if (typeof mirrors !== 'object' || mirrors === null || Array.isArray(mirrors))
    throw unusable(file, '"mirrors" is not an object.');
  const known = credentialKeys(reference.host);
  const [, list = []] = Object.entries(mirrors).find(([host]) => known.includes(host.toLowerCase())) ?? [];
  if (!Array.isArray(list) || list.some((one) => typeof one !== 'string'))
    throw unusable(file, `The mirrors of ${reference.host} are not a list of hosts.`);
  const places = (list as string[]).map((mirror) => {
    const [host = '', ...folders] = mirror.replace(/\/+$/, '').split('/');
    requireHost(host, file);
    const repository = [...folders, reference.repository].join('/');
    return { ...reference, host: host.toLowerCase(), apiHost: host.toLowerCase(), repository };
  });
  return [...places, reference];
}

async function read(file: string): Promise<Record<string, unknown> | null> {
  const found = await readJson<Record<string, unknown> | null>(file).catch((error: Error) => {
    throw unusable(file, error.message);
  });
  if (found !== null && (typeof found !== 'object' || Array.isArray(found))) throw unusable(file, 'It is no object.');
  return found;
}

function fieldOf(found: Record<string, unknown> | null, field: string, file: string): string | null {
  const value = found?.[field] ?? null;
  if (value !== null && typeof value !== 'string') throw unusable(file, `"${field}" is not text.`);
  return value;
}

function unusable(file: string, cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'invalid',
    message: `${file} cannot be used.`,
    subject: file,
    cause,
    hint: 'It should look like {"default": "registry.example:5000", "mirrors": {"docker.io": ["mirror.example"]}}.',
  });
}
