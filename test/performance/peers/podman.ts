/** Podman with a store of its own, for one bench. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchContext } from '../harness.ts';
import { find } from './docker.ts';

const execute = promisify(execFile);

export interface Podman {
  /** `podman 4.3.1`. */
  readonly label: string;
  /** Milliseconds from its start to its exit. Rejects unless it exits with 0. */
  time(args: readonly string[]): Promise<number>;
}

/** Or why it cannot be. */
export async function ownPodman(context: BenchContext): Promise<Podman | { readonly absent: string }> {
  const podman = find('podman');
  if (!podman) return { absent: 'podman is not installed' };
  const words = ['--root', join(context.folder, 'podman'), '--runroot', join(context.folder, 'podman-run')];
  const { stdout } = await execute(podman, ['--version']);
  context.defer('the store of podman', () => execute(podman, [...words, 'system', 'reset', '--force']));
  return {
    label: stdout.trim().replace(' version', ''),
    async time(args) {
      const started = performance.now();
      await execute(podman, [...words, ...args]);
      return performance.now() - started;
    },
  };
}
