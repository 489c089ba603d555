/**
 * Debian's dockerd, started for one bench with everything of its own: socket, data, run folder, containerd. It touches
 * neither the bridge nor the firewall of the host.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BenchContext } from '../harness.ts';

const execute = promisify(execFile);
const START_TIMEOUT_MS = 30_000;
/** Parent of its containers' control groups, told apart from those of a dockerd of the host. */
const CGROUP = 'gh-bench-docker';

export interface Docker {
  /** `docker 20.10.24`. */
  readonly label: string;
  /** Makes an image of a folder. */
  import(rootfs: string, name: string): Promise<void>;
  /** `docker` with these arguments; milliseconds from its start to its exit. Rejects unless it exits with 0. */
  time(args: readonly string[]): Promise<number>;
}

/**
 * Or why it cannot be. `network`: with its own bridge, in a network namespace that goes with it, so that nothing of it is
 * on the host; otherwise containers have no network.
 */
export async function startDocker(
  context: BenchContext,
  { network = false }: { readonly network?: boolean } = {},
): Promise<Docker | { readonly absent: string }> {
  if (process.getuid?.() !== 0) return { absent: 'dockerd needs root' };
  const daemon = find('dockerd');
  if (!daemon) return { absent: 'dockerd is not installed (Debian package docker.io)' };
  // The client of the same package; another in front of it on PATH may be of another version.
  const client = [join(dirname(daemon).replace(/sbin$/, 'bin'), 'docker'), find('docker')].find(
    (path) => path !== null && existsSync(path),
  );
  if (!client) return { absent: 'the docker client is not installed' };
  const folder = join(context.folder, 'docker');
  mkdirSync(folder, { mode: 0o700 });
  const host = `unix://${folder}/docker.sock`;
  const env = { PATH: process.env.PATH, HOME: folder, DOCKER_CONFIG: folder, DOCKER_HOST: host };
  const log = openSync(join(folder, 'log'), 'a');
  const off = ['--bridge=none', '--iptables=false', '--ip6tables=false'];
  const child = spawn(
    network ? 'unshare' : daemon,
    [
      ...(network ? ['--net', daemon] : off),
      ...['--host', host, '--data-root', join(folder, 'data'), '--exec-root', join(folder, 'run')],
      ...['--pidfile', join(folder, 'pid')],
      ...['--log-level', 'warn', '--cgroup-parent', `/${CGROUP}`],
    ],
    { stdio: ['ignore', log, log], env, detached: true },
  );
  child.on('error', () => {});
  context.defer('dockerd', () => stop(child, folder));
  const version = await ready(client, env, child);
  if (version === null) {
    return { absent: `dockerd did not start: ${readFileSync(join(folder, 'log'), 'utf8').trim().slice(-300)}` };
  }
  return {
    label: `docker ${version}`,
    async import(rootfs, name) {
      const archive = join(folder, 'rootfs.tar');
      await execute('tar', ['-C', rootfs, '-cf', archive, '.']);
      await execute(client, ['import', archive, name], { env });
    },
    async time(args) {
      const started = performance.now();
      const run = spawn(client, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      run.stderr.on('data', (chunk) => {
        said += chunk;
      });
      const code = await new Promise<number | null>((resolve, reject) => {
        run.on('error', reject);
        run.on('exit', resolve);
      });
      const ms = performance.now() - started;
      if (code !== 0) throw new Error(`docker ${args.join(' ')} failed: ${said.trim()}`);
      return ms;
    },
  };
}

async function ready(client: string, env: NodeJS.ProcessEnv, child: ChildProcess): Promise<string | null> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    try {
      const { stdout } = await execute(client, ['version', '--format', '{{.Server.Version}}'], { env, timeout: 5000 });
      return stdout.trim();
    } catch {
      await sleep(200);
    }
  }
  return null;
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const gone = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  if (!gone()) child.kill('SIGTERM');
  for (let tries = 0; tries < 100 && !gone(); tries++) await sleep(100);
  if (!gone()) {
    // Its containerd is in the same process group.
    process.kill(-(child.pid as number), 'SIGKILL');
    await sleep(200);
  }
  // What it mounted keeps the folder from being removed.
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  for (const path of mounts
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse()) {
    await execute('umount', ['-l', path]).catch(() => {});
  }
  for (const hierarchy of ['.', ...readdirSync('/sys/fs/cgroup')]) {
    try {
      rmdirSync(join('/sys/fs/cgroup', hierarchy, CGROUP));
    } catch {
      // Not there.
    }
  }
}

export function find(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}
