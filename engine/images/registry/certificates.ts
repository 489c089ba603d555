/** Whom we believe that a host is who it says: Node's and the system's authorities, and those kept for this host alone. */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';

/** Where Docker and Podman look, `<folder>/<host[:port]>/*.crt` (containers-certs.d(5)). */
export function certificateFolders(host: string, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const own = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return ['/etc/containers', '/etc/docker', join(own, 'containers'), join(own, 'docker')].map((folder) =>
    join(folder, 'certs.d', host),
  );
}

/** PEM texts. NODE_EXTRA_CA_CERTS is part of Node's default ones. What cannot be read is left out. */
export async function trustedCertificates(host: string): Promise<readonly string[]> {
  const own: string[] = [];
  for (const folder of certificateFolders(host)) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((it) => it.endsWith('.crt')))
      own.push(await readFile(join(folder, name), 'utf8').catch(() => ''));
  }
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...own])].filter(Boolean);
}
