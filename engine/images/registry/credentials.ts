/**
 * What `docker login` and `podman login` left for a host: containers' auth.json (containers-auth.json(5)) and Docker's
 * config.json, with their helper programs (docker/docker-credential-helpers). Only read, never written.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readJson } from '../../host/files.ts';
import { run } from '../../host/process.ts';
import { credentialKeys, type Reference } from './reference.ts';

export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** A refresh token, to be exchanged at the token server. */
  | { readonly kind: 'identity'; readonly token: string }
  /** To be sent as it is. */
  | { readonly kind: 'bearer'; readonly token: string };

export interface Found {
  readonly credentials: Credentials | null;
  /** What could not be looked into, as sentences. */
  readonly notes: readonly string[];
}

interface AuthFile {
  readonly auths?: unknown;
  readonly credHelpers?: unknown;
  readonly credsStore?: unknown;
}

/** A helper may ask the person to unlock a key ring (ms). */
const HELPER_TIMEOUT_MS = 30_000;

export function authFiles(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const home = env.HOME || homedir();
  return [
    ...(env.REGISTRY_AUTH_FILE ? [env.REGISTRY_AUTH_FILE] : []),
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'containers/auth.json')] : []),
    `/run/containers/${process.getuid?.() ?? 0}/auth.json`,
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers/auth.json'),
    join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
  ];
}

/** The first file that knows the host decides. Never throws, but for a cancellation. */
export async function findCredentials(
  { host, repository }: Pick<Reference, 'host' | 'repository'>,
  signal: AbortSignal,
  files = authFiles(),
): Promise<Found> {
  const notes: string[] = [];
  for (const path of files) {
    const file = await readJson<AuthFile>(path).catch((error: Error) => {
      notes.push(`${path} could not be read (${error.message.slice(0, 80)}).`);
      return null;
    });
    if (typeof file !== 'object' || file === null) continue;
    const helper = helperFor(file, host);
    const asked = helper === null ? null : await askHelper(helper, host, signal, notes);
    const credentials = asked ?? fromAuths(file.auths, host, repository);
    if (credentials) return { credentials, notes };
  }
  return { credentials: null, notes };
}

/** auth.json may keep credentials for a part of a registry; the longest path that fits wins. */
function fromAuths(auths: unknown, host: string, repository: string): Credentials | null {
  const parts = repository.split('/');
  const paths = parts.map((_, at) => `${host}/${parts.slice(0, parts.length - at).join('/')}`);
  for (const key of [...paths, ...credentialKeys(host)]) {
    const entry = own(auths, key);
    const found = entry === undefined ? null : fromEntry(entry);
    if (found) return found;
  }
  return null;
}

function fromEntry(entry: unknown): Credentials | null {
  const text = (field: string) => {
    const value = own(entry, field);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const identity = text('identitytoken');
  if (identity) return { kind: 'identity', token: identity };
  const registry = text('registrytoken');
  if (registry) return { kind: 'bearer', token: registry };
  const auth = text('auth');
  // Docker pads the password with zero bytes.
  const decoded = auth ? Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '') : '';
  const colon = decoded.indexOf(':');
  const user = colon > 0 ? decoded.slice(0, colon) : text('username');
  const password = colon > 0 ? decoded.slice(colon + 1) : text('password');
  return user !== null && password !== null ? { kind: 'password', user, password } : null;
}

function helperFor(file: AuthFile, host: string): string | null {
  const named = credentialKeys(host).map((key) => own(file.credHelpers, key));
  const name = named.find((it) => it !== undefined) ?? file.credsStore;
  return typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(name) ? name : null;
}

async function askHelper(
  name: string,
  host: string,
  signal: AbortSignal,
  notes: string[],
): Promise<Credentials | null> {
  const program = `docker-credential-${name}`;
  // Docker keeps its own hub under the third key.
  const keys = credentialKeys(host);
  for (const key of keys.length > 5 ? [keys[7] as string, host] : [host]) {
    try {
      const { stdout } = await run([program, 'get'], {
        signal,
        input: `${key}\n`,
        timeoutMs: HELPER_TIMEOUT_MS,
        maxOutputBytes: 64 * 1024,
        // It is the person's own program and looks for key rings, profiles and displays in its environment.
        env: process.env as Record<string, string>,
      });
      const answer: unknown = JSON.parse(stdout);
      const [user, secret] = [own(answer, 'Username'), own(answer, 'Secret')];
      if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') continue;
      return user === '<token>' ? { kind: 'identity', token: secret } : { kind: 'password', user, password: secret };
    } catch (error) {
      signal.throwIfAborted();
      const { cause, message } = error as Error;
      // Helpers fail, with these words, where they know nothing.
      if (/credentials not found/i.test(String(cause))) continue;
      notes.push(`${program} failed: ${String(cause ?? message).slice(0, 120)}.`);
    }
  }
  return null;
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
