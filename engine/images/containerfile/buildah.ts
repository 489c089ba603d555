/**
 * buildah as we start it: with a storage of its own, without any configuration of the host, as root of the house and in
 * a process namespace that ends with it. Pure, but for `runBuildah`.
 */
import { join } from 'node:path';
import { cleanEnv } from '../../host/environment.ts';
import { type RunResult, run } from '../../host/process.ts';

export interface BuildahPlace {
  /** Words that lead into the house, with its network: what a step fetches must not come from the host's loopback. */
  readonly prefix: readonly string[];
  /** Folder of all builds of this home. */
  readonly folder: string;
  /** Folder of this build alone. */
  readonly work: string;
}

export interface BuildWish {
  readonly containerfile: string;
  readonly context: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target: string | null;
  readonly noCache: boolean;
  /** Name in the Containerfile -> name in the storage. */
  readonly bases: ReadonlyMap<string, string>;
  readonly nameServer: string;
}

const BUILD_TIMEOUT_MS = 12 * 3600_000;
/** Proxies of the person are those of the build, as with every builder. */
const PROXIES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);

export const policyFile = (folder: string): string => join(folder, 'policy.json');
export const registriesFile = (folder: string): string => join(folder, 'registries.conf');
export const idFile = (work: string): string => join(work, 'image-id');

/** `words`: subcommand and what follows. */
export function buildahArgv({ prefix, folder }: BuildahPlace, words: readonly string[]): string[] {
  return [
    ...prefix,
    // Whatever a step started ends with the build, also what made a session of its own.
    ...['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'],
    'buildah',
    ...['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'overlay'],
    ...['--registries-conf', registriesFile(folder)],
    ...words,
  ];
}

export function buildahEnv({ folder, work }: BuildahPlace, env: NodeJS.ProcessEnv = process.env) {
  const proxies = PROXIES.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return cleanEnv({
    ...Object.fromEntries(proxies),
    // Nothing a person configured for other tools has a say here.
    HOME: join(folder, 'home'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
    TMPDIR: work,
    _CONTAINERS_USERNS_CONFIGURED: 'done',
    BUILDAH_ISOLATION: 'chroot',
  });
}

export function buildWords({ folder, work }: BuildahPlace, wish: BuildWish): string[] {
  return [
    'build',
    ...['--signature-policy', policyFile(folder), '--isolation', 'chroot', '--pull-never', '--dns', wish.nameServer],
    // OCI's own form has no health check.
    ...['--format', 'docker', '--iidfile', idFile(work)],
    ...(wish.noCache ? ['--no-cache', '--layers'] : ['--layers']),
    ...(wish.target === null ? [] : ['--target', wish.target]),
    ...Object.entries(wish.buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...[...wish.bases].flatMap(([written, stored]) => ['--build-context', `${written}=container-image://${stored}`]),
    ...['--file', wish.containerfile, wish.context],
  ];
}

/** Throws like `run`. */
export function runBuildah(
  place: BuildahPlace,
  words: readonly string[],
  options: { signal: AbortSignal; onLine?: (line: string) => void; okCodes?: readonly number[] },
): Promise<RunResult> {
  const { signal, onLine = () => {}, okCodes = [0] } = options;
  return run(buildahArgv(place, words), {
    signal,
    okCodes,
    env: buildahEnv(place),
    cwd: '/',
    timeoutMs: BUILD_TIMEOUT_MS,
    maxOutputBytes: 1024 * 1024,
    onStdoutLine: onLine,
    onStderrLine: onLine,
  });
}

/** `STEP 2/5: RUN make` -> which and of how many; null for other lines. */
export function parseStep(line: string): { readonly step: number; readonly of: number; readonly words: string } | null {
  const match = /^(?:\[\d+\/\d+\] )?STEP (\d+)\/(\d+): (.*)$/.exec(line);
  return match ? { step: Number(match[1]), of: Number(match[2]), words: (match[3] ?? '').slice(0, 100) } : null;
}
