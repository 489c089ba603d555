/**
 * A key from a secret in a process of its own: one derivation may take minutes and much memory, and neither a promise of
 * Node's nor a thread ends before it is through. A process does.
 */
import { fileURLToPath } from 'node:url';
import { GuesthouseError, toErrorShape } from '../../../../contract/errors.ts';
import { cleanEnv, run } from '../../../../host/process.ts';
import { compileCache } from '../../../../host/worker.ts';
import type { Derivation } from '../luks.ts';

/** The most work that is taken on, on a slow and busy host (ms). */
const DERIVE_TIMEOUT_MS = 15 * 60_000;

type Written<D> = D extends Derivation ? Omit<D, 'salt'> & { readonly salt: string } : never;

/** What the program is asked. `salt` and `secret` in base64. */
export interface DeriveRequest {
  readonly how: Written<Derivation>;
  readonly secret: string;
  readonly bytes: number;
}

/** Ends at once with `cancelled` when the signal fires. Throws `timeout`, and `resources` when the process was ended by the host. */
export async function deriveApart(
  how: Derivation,
  secret: string | Buffer,
  bytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const file = import.meta.url.endsWith('.ts') ? './main.ts' : './main.js';
  const cache = compileCache();
  const request: DeriveRequest = {
    how: { ...how, salt: how.salt.toString('base64') },
    secret: Buffer.from(secret).toString('base64'),
    bytes,
  };
  try {
    const { stdout } = await run([process.execPath, fileURLToPath(new URL(file, import.meta.url))], {
      signal,
      timeoutMs: DERIVE_TIMEOUT_MS,
      input: JSON.stringify(request),
      cwd: '/',
      // The first word makes Node of Electron's program.
      env: cleanEnv({ ELECTRON_RUN_AS_NODE: '1', ...(cache ? { NODE_COMPILE_CACHE: cache } : {}) }),
    });
    return Buffer.from(stdout, 'base64');
  } catch (error) {
    const { code, cause, message } = toErrorShape(error);
    if (code !== 'internal') throw error;
    throw new GuesthouseError({
      code: 'resources',
      message: 'Its key could not be derived: the program that does it was ended.',
      subject: 'memory',
      cause: cause ?? message,
      hint: 'It needs memory that may not have been free: stop a guest or two, and try again.',
    });
  }
}
