/** The tags of a repository, for offering them while a reference is typed: quick, or not at all. */
import { GuesthouseError } from '../../contract/errors.ts';
import { RETRY_POLICY } from '../fetch/retry.ts';
import { createRegistry } from './client.ts';
import { type Found, findCredentials } from './credentials.ts';
import { parseReference, type Reference } from './reference.ts';
import { defaultRegistry, placesOf } from './settings.ts';

/** Who types does not wait longer (ms). */
const TIMEOUT_MS = 5_000;
/** An answer is good for so long (ms). */
const KEPT_MS = 60_000;
const MOST_KEPT = 50;

interface Options {
  readonly insecure: boolean;
  readonly timeoutMs?: number;
  /** Left out: those of the person. */
  readonly credentials?: Found;
}

const kept = new Map<string, { readonly at: number; readonly tags: readonly string[] }>();

/**
 * `repository`: a reference without tag and digest. At most as many as the registry tells at once. Throws `invalid`,
 * `timeout`, and what a pull would throw.
 */
export async function tagsOf(home: string, repository: string, options: Options): Promise<readonly string[]> {
  const reference = parseReference(repository, await defaultRegistry(home));
  const key = `${reference.host}/${reference.repository} ${options.insecure}`;
  const known = kept.get(key);
  if (known && Date.now() - known.at < KEPT_MS) return known.tags;
  const { timeoutMs = TIMEOUT_MS } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const places = await placesOf(home, reference);
  for (const [at, place] of places.entries()) {
    try {
      const tags = await ask(place, options, 2 * timeoutMs, signal);
      kept.delete(key);
      kept.set(key, { at: Date.now(), tags });
      for (const old of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(old);
      return tags;
    } catch (error) {
      if (signal.aborted) break;
      if (at === places.length - 1) throw error;
    }
  }
  throw new GuesthouseError({
    code: 'timeout',
    message: `${reference.host} did not tell the tags of ${repository} in time.`,
    subject: repository,
  });
}

async function ask(reference: Reference, options: Options, stallMs: number, signal: AbortSignal): Promise<string[]> {
  const found = options.credentials ?? (await findCredentials(reference, signal));
  const policy = { ...RETRY_POLICY, attempts: 1, stallMs };
  const registry = createRegistry({ reference, found, insecure: options.insecure, policy });
  try {
    return await registry.tags(signal);
  } finally {
    registry.close();
  }
}
