/** Reads the package sources configured for apt on this host. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AptSource, parseAptFile, sourcesOfRelease } from './apt-sources.ts';

/** Those that carry a release, e.g. `bookworm`; none where there is no apt. */
export async function hostSourcesOf(codename: string): Promise<AptSource[]> {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(await readdir(folder).catch(() => []))
      .filter((name) => /^[A-Za-z0-9._-]+\.(list|sources)$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  ];
  const all: AptSource[] = [];
  for (const file of files) all.push(...parseAptFile(file, await readFile(file, 'utf8').catch(() => '')));
  return sourcesOfRelease(all, codename);
}
