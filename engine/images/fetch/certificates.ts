/** Whom we believe that a host is who it says: Node's and the system's authorities, and those kept for this host alone. */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { GuesthouseError } from '../../contract/errors.ts';

/** Where Docker and Podman look, `<folder>/<host[:port]>/*.crt` (containers-certs.d(5)). */
export function certificateFolders(host: string, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const own = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return ['/etc/containers', '/etc/docker', join(own, 'containers'), join(own, 'docker')].map((folder) =>
    join(folder, 'certs.d', host),
  );
}

/**
 * NODE_EXTRA_CA_CERTS is part of Node's default authorities. What cannot be read is left out. Hosts without authorities
 * of their own share one context: making one of several hundred certificates takes a while.
 */
export async function trustedBy(host: string): Promise<SecureContext> {
  const own: string[] = [];
  for (const folder of certificateFolders(host)) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((it) => it.endsWith('.crt')))
      own.push(await readFile(join(folder, name), 'utf8').catch(() => ''));
  }
  if (own.length > 0) {
    try {
      return createSecureContext({ ca: [...known(), ...own.filter(Boolean)] });
    } catch (error) {
      throw new GuesthouseError({
        code: 'invalid',
        message: `A certificate kept for ${host} cannot be used.`,
        subject: host,
        cause: (error as Error).message,
        hint: `Look at the .crt files in ${certificateFolders(host).join(', ')}.`,
      });
    }
  }
  everybody ??= createSecureContext({ ca: known() });
  return everybody;
}
let everybody: SecureContext | null = null;

const known = (): string[] => [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
