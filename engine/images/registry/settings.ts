/** Which registry names without a host are looked for in: the machine's or the person's choice, never ours. */
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { readJson } from '../../host/files.ts';
import { requireHost } from './reference.ts';

/** `$GUESTHOUSE_REGISTRY`, else `"default"` in `<home>/registries.json`, else null. Throws `invalid`. */
export async function defaultRegistry(home: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const file = join(home, 'registries.json');
  const wished = env.GUESTHOUSE_REGISTRY || (await fromFile(file));
  if (wished === null) return null;
  requireHost(wished, env.GUESTHOUSE_REGISTRY ? 'GUESTHOUSE_REGISTRY' : file);
  return wished.toLowerCase();
}

async function fromFile(file: string): Promise<string | null> {
  const found = await readJson<{ default?: unknown } | null>(file).catch((error: Error) => {
    throw unusable(file, error.message);
  });
  const host = found?.default ?? null;
  if (host !== null && typeof host !== 'string') throw unusable(file, '"default" is not text.');
  return host;
}

function unusable(file: string, cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'invalid',
    message: `${file} cannot be used.`,
    subject: file,
    cause,
    hint: 'It should look like {"default": "registry.example:5000"}.',
  });
}
