/** Debian 12 from the host's own package sources, by mmdebstrap, inside the house and a process namespace of its own. */
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import type { ImageConfig } from '../../contract/image.ts';
import { cleanEnv, run } from '../../host/process.ts';
import { filledUp, requireSpace } from '../../host/space.ts';
import { composeConfig, hostArchitecture, NO_CONFIG } from '../config.ts';
import { sha256Hex } from '../digests.ts';
import { type MadeImage, PACKAGES_FOLDER, type Workshop } from '../made.ts';
import { hostSourcesOf } from './apt-files.ts';
import { createAptProgress } from './apt-progress.ts';
import { type AptSource, formatSources } from './apt-sources.ts';

const CODENAME = 'bookworm';
const BUILD_TIMEOUT_MS = 30 * 60_000;
/** At the worst moment there are the archive, its checked copy and the layer; measured 462 MiB. */
const NEEDED_BYTES = 550 * 1024 ** 2;

/** So that a person can see addresses, ping and processes at once; `ca-certificates` for https sources. 9 MiB. */
const EXTRA_PACKAGES = ['iproute2', 'iputils-ping', 'procps', 'ca-certificates'];

export const DEBIAN_CONFIG: ImageConfig = {
  ...NO_CONFIG,
  cmd: ['bash'],
  env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
};

export async function buildDebian(workshop: Workshop): Promise<MadeImage> {
  const { work, layers, operation, inside, cache } = workshop;
  const sources = await hostSources();
  if (await inside.singleId())
    throw unsupported(
      'Its files belong to several users, and this user has no subordinate ids.',
      'Run `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER`, then start again.',
    );
  await requireSpace(work, NEEDED_BYTES, 'building debian:12');
  operation.progress({ step: 'Reading package lists', fraction: 0.01 });

  const archive = join(work, 'debian.tar');
  const list = join(work, 'debian.sources');
  const temporary = join(work, 'tmp');
  const packages = join(cache, PACKAGES_FOLDER);
  const packagesUsed = join(work, 'debs');
  await mkdir(temporary, { mode: 0o755 });
  await mkdir(packages, { recursive: true, mode: 0o700 });
  await mkdir(packagesUsed, { mode: 0o700 });
  await writeFile(list, formatSources(sources));
  const parse = createAptProgress();
  const complaints: string[] = [];
  const onLine = (line: string) => {
    if (COMPLAINT.test(line) && complaints.length < 20) complaints.push(line.trim());
    const progress = parse(line);
    if (progress) operation.progress(progress);
  };
  try {
    await run([...inside.prefix(), ...mmdebstrapArgv(list, archive)], {
      signal: operation.signal,
      timeoutMs: BUILD_TIMEOUT_MS,
      // The same packages on the same day make the same image.
      env: cleanEnv({
        TMPDIR: temporary,
        SOURCE_DATE_EPOCH: String(Math.floor(Date.now() / 86_400_000) * 86_400),
        DEBIAN_FRONTEND: 'noninteractive',
        GUESTHOUSE_DEBS: packages,
        GUESTHOUSE_DEBS_USED: packagesUsed,
      }),
      onStdoutLine: onLine,
      onStderrLine: onLine,
    });
  } catch (error) {
    throw await explainBuild(error, complaints, work);
  }

  // Only what this build used is kept, so the cache does not grow.
  await rm(packages, { recursive: true, force: true });
  await rename(packagesUsed, packages).catch(() => {});
  operation.progress({ step: 'Unpacking into the store', fraction: 0.9 });
  const layer = await layers.add(createReadStream(archive), { work, signal: operation.signal });
  const configBlob = composeConfig(DEBIAN_CONFIG, [layer.diffId]);
  return {
    hex: sha256Hex(configBlob),
    kind: 'rootfs',
    name: 'debian:12',
    origin: 'built here from Debian packages',
    builder: 'debian:12',
    architecture: hostArchitecture(),
    config: DEBIAN_CONFIG,
    layers: [layer.diffId],
    disk: null,
    file: null,
    configBlob,
  };
}

/**
 * A process namespace, so that ending `unshare` ends everything below it (dpkg leaves our process group), and a mount
 * namespace, so that no mount outlives it. `setpriv` ends `unshare` when the engine itself is killed.
 */
export function mmdebstrapArgv(list: string, archive: string): readonly string[] {
  return [
    'setpriv',
    '--pdeathsig=KILL',
    '--',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--mount-proc',
    '--kill-child=KILL',
    '--',
    'mmdebstrap',
    '--verbose',
    '--mode=root',
    '--variant=minbase',
    '--format=tar',
    `--include=${EXTRA_PACKAGES.join(',')}`,
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::Retries "2"',
    '--aptopt=Acquire::http::Timeout "30"',
    '--aptopt=Acquire::https::Timeout "30"',
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    // Packages fetched before are offered to apt again, which checks their digests. The folder comes by environment.
    '--skip=download/empty,essential/unlink',
    '--setup-hook=mkdir -p "$1/var/cache/apt/archives"; cp "$GUESTHOUSE_DEBS"/*.deb "$1/var/cache/apt/archives/" || true',
    // mmdebstrap copies these two from the host, whose business they are; drivers give each guest its own.
    '--customize-hook=echo debian > "$1/etc/hostname"; : > "$1/etc/resolv.conf"',
    '--customize-hook=cp "$1"/var/cache/apt/archives/*.deb "$GUESTHOUSE_DEBS_USED"/ || true',
    CODENAME,
    archive,
    list,
  ];
}

function unsupported(cause: string, hint: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: 'The image debian:12 cannot be built on this host.',
    subject: 'debian:12',
    cause,
    hint,
  });
}

async function hostSources(): Promise<readonly AptSource[]> {
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID="?debian"?$/m.test(osRelease) || !osRelease.includes(`VERSION_CODENAME=${CODENAME}`))
    throw unsupported(
      `It is made from the host's own Debian 12 package sources, and this host is ${/^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? 'another system'}.`,
      'Import an image (`guesthouse image import FILE`), or run `guesthouse image build busybox`.',
    );
  const found = await hostSourcesOf(CODENAME);
  if (!found.some((source) => source.suites.includes(CODENAME)))
    throw unsupported(
      'No package source of Debian 12 (bookworm, main) is configured for apt.',
      'Add one to /etc/apt/sources.list.d and try again.',
    );
  return found;
}

/** The first of these says why; the last lines of a failed build only say that it failed. */
const COMPLAINT = /^(E|Err|W):|No space left|enough free space|\berror\b|[Cc]ould not|[Ff]ailed to/;

/** apt's and dpkg's own words for a failure, in ours. */
async function explainBuild(thrown: unknown, complaints: readonly string[], work: string): Promise<unknown> {
  if (!(thrown instanceof GuesthouseError) || thrown.code !== 'internal') return thrown;
  if (complaints.some((line) => /No space left|enough free space/.test(line)))
    return filledUp(work, NEEDED_BYTES, 'building debian:12');
  const cause = (complaints.slice(0, 3).join('\n') || thrown.cause || '').slice(0, 600);
  if (/Could not resolve|Failed to fetch|Could not connect|Temporary failure|Unable to connect/i.test(cause))
    return new GuesthouseError({
      code: 'resources',
      message: 'The packages of debian:12 could not be fetched.',
      subject: 'debian:12',
      cause,
      hint: 'Check that `apt-get update` works on this host.',
    });
  return new GuesthouseError({
    code: 'internal',
    message: 'Building debian:12 failed.',
    subject: 'debian:12',
    cause,
  });
}
