/** Podman with a store of its own, for one bench. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BenchContext } from '../harness.ts';
import { find } from './docker.ts';

const execute = promisify(execFile);

export interface Podman {
  /** `podman 4.3.1`. */
  readonly label: string;
  /** Makes an image of a folder. */
  import(rootfs: string, name: string): Promise<void>;
  /** Milliseconds from its start to its exit. Rejects unless it exits with 0. */
  time(args: readonly string[]): Promise<number>;
}

/**
 * Or why it cannot be. `network`: it runs in a network namespace of its own, where its bridge is, so that nothing of it is
 * on the host. `runtime`: left out, its own choice.
 */
export async function ownPodman(
  context: BenchContext,
  { network = false, runtime }: { readonly network?: boolean; readonly runtime?: string } = {},
): Promise<Podman | { readonly absent: string }> {
  const podman = find('podman');
  if (!podman) return { absent: 'podman is not installed' };
  const words = ['--root', join(context.folder, 'podman'), '--runroot', join(context.folder, 'podman-run')];
  if (runtime !== undefined) words.push('--runtime', runtime);
  const { stdout } = await execute(podman, ['--version']);
  context.defer('the store of podman', () => execute(podman, [...words, 'system', 'reset', '--force']));
  const [program, ...before] = network ? [...(await ownNetwork(context)), podman] : [podman];
  return {
    label: stdout.trim().replace(' version', ''),
    async import(rootfs, name) {
      const archive = join(context.folder, 'podman.tar');
      await execute('tar', ['-C', rootfs, '-cf', archive, '.']);
      await execute(podman, [...words, 'import', archive, name]);
    },
    async time(args) {
      const started = performance.now();
      await execute(program as string, [...before, ...words, ...args]);
      return performance.now() - started;
    },
  };
}

/** Words that lead into a network namespace that lasts as long as the bench. */
async function ownNetwork(context: BenchContext): Promise<string[]> {
  const holder = spawn('unshare', ['--net', 'sleep', '3600'], { stdio: 'ignore' });
  await once(holder, 'spawn');
  context.defer('the network of podman', () => holder.kill());
  const enter = ['nsenter', '-t', String(holder.pid), '--net'];
  const own = () => readlinkSync(`/proc/${holder.pid}/ns/net`) !== readlinkSync('/proc/self/ns/net');
  for (let tries = 0; tries < 100 && !own(); tries++) await sleep(10);
  execFileSync('nsenter', [...enter.slice(1), 'ip', 'link', 'set', 'lo', 'up']);
  return enter;
}

/**
 * Limits of its containers: it asks for more than a root without every right may give, and even a limit between what it
 * holds and 32,768 processes is refused to it.
 */
export const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096'];
