/** Fetches one Debian package from the host's configured sources, as any user and without installing it. */
import { mkdir, readdir } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { run } from '../../host/process.ts';

export interface PackageVersion {
  readonly name: string;
  readonly version: string;
  /** Whether only our own package lists know it (the host's were empty). */
  readonly ownLists: boolean;
}

const LISTS_TIMEOUT_MS = 120_000;
const DOWNLOAD_TIMEOUT_MS = 600_000;

/** The kernel package that `linux-image-cloud-<architecture>` stands for today. */
export async function resolveKernelPackage(
  folder: string,
  options: { signal: AbortSignal; progress(progress: { step: string; fraction: null }): void },
): Promise<PackageVersion> {
  const meta = `linux-image-cloud-${arch() === 'x64' ? 'amd64' : arch()}`;
  const known = await dependency(meta, [], options.signal);
  if (known) return { ...known, ownLists: false };
  // A fresh machine may never have fetched its lists, and doing that in place takes root.
  options.progress({ step: 'Fetching the package lists', fraction: null });
  const own = await ownState(folder);
  await run(['apt-get', ...own, 'update'], { signal: options.signal, timeoutMs: LISTS_TIMEOUT_MS });
  const found = await dependency(meta, own, options.signal);
  if (found) return { ...found, ownLists: true };
  throw new GuesthouseError({
    code: 'unsupported',
    message: 'No kernel for machines was found.',
    subject: meta,
    cause: `The package sources of this host do not have ${meta}.`,
    hint: 'Machines from an ISO or a disk image work without it.',
  });
}

/** Puts the `.deb` into `target` and answers its path. apt has checked its signature chain. */
export async function downloadPackage(
  folder: string,
  target: string,
  wanted: PackageVersion,
  signal: AbortSignal,
): Promise<string> {
  const state = wanted.ownLists ? await ownState(folder) : [];
  // As root apt would try to hand the download to its user _apt, who may not enter our folders.
  await run(['apt-get', ...state, '-o', 'APT::Sandbox::User=root', 'download', `${wanted.name}=${wanted.version}`], {
    cwd: target,
    signal,
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  });
  const archive = (await readdir(target)).find((name) => name.endsWith('.deb'));
  if (!archive) throw new GuesthouseError({ code: 'internal', message: `apt-get fetched no ${wanted.name}.` });
  return join(target, archive);
}

async function dependency(meta: string, options: string[], signal: AbortSignal) {
  const shown = await run(['apt-cache', ...options, 'show', '--no-all-versions', meta], {
    signal,
    okCodes: [0, 100],
  }).catch((error: unknown) => {
    if (!(error instanceof GuesthouseError) || error.code !== 'missing-tool') throw error;
    throw new GuesthouseError({
      code: 'missing-tool',
      message: 'A kernel for machines can only be fetched on Debian and its relatives so far.',
      subject: 'apt-cache',
      hint: 'Machines from an ISO or a disk image work without it.',
    });
  });
  return parseDependency(shown.stdout);
}

/** `Depends: linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)` -> name and version. */
export function parseDependency(record: string): { name: string; version: string } | null {
  const match = /^Depends:.*?\b(linux-image-[0-9][^ ,]*) \(= ([^)]+)\)/m.exec(record);
  return match ? { name: match[1] as string, version: match[2] as string } : null;
}

/** Options that give apt package lists and a cache of our own. */
async function ownState(folder: string): Promise<string[]> {
  const state = join(folder, '.apt');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  return [
    '-o',
    `Dir::State::lists=${join(state, 'lists')}`,
    '-o',
    `Dir::Cache=${join(state, 'cache')}`,
    '-o',
    'APT::Sandbox::User=root',
    '-o',
    'Debug::NoLocking=true',
  ];
}
