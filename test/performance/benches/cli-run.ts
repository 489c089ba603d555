/** What a person types and waits for: a container by command, from the prompt to the prompt, nothing of ours running before. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { open } from '../../../main/join.ts';
import type { Bench, BenchContext, Variant } from '../harness.ts';
import { makeBenchHome } from '../home.ts';
import { startDocker } from '../peers/docker.ts';
import { LIMITS, ownPodman } from '../peers/podman.ts';
import { bareBundles } from '../peers/runtime.ts';
import { absent, runner } from './network-start.ts';

const execute = promisify(execFile);
const CLI = fileURLToPath(new URL('../../../main/cli/guesthouse.js', import.meta.url));
const COMMAND = ['true'];
const TIMEOUT_MS = 60_000;

async function filledHome(context: BenchContext, name: string) {
  const home = makeBenchHome(context, name);
  const engine = await home.engine();
  await engine.call('images.build', { builder: 'busybox' });
  return { home, engine };
}

function ours(label: string, env: NodeJS.ProcessEnv, words: readonly string[]): Variant {
  return {
    role: 'ours',
    label,
    async run() {
      const started = performance.now();
      await execute(process.execPath, [CLI, 'run', '--rm', ...words, 'busybox', ...COMMAND], {
        env,
        timeout: TIMEOUT_MS,
      });
      return { ms: performance.now() - started };
    },
  };
}

export const cliRun: Bench = {
  name: 'cli-run',
  about: '`guesthouse run --rm busybox true`, from start to exit, against the same of the peers, whose daemon runs',
  goals: [
    { of: 'ours/peer', atMost: 1, than: 'docker' },
    { of: 'ours/peer', atMost: 1, than: 'podman' },
  ],
  rounds: 11,
  warmups: 2,
  async prepare(context) {
    if (process.getuid?.() !== 0) return [{ role: 'peer', label: 'docker and podman', absent: 'dockerd needs root' }];
    const alone = await filledHome(context, 'alone');
    context.say('builds the image');
    const [bare] = await bareBundles(context, alone.home, alone.engine, COMMAND);
    await alone.home.leave();
    const owned = await filledHome(context, 'owned');
    await owned.home.leave();
    const owner = await open({ paths: owned.home.paths, background: true });
    context.defer('the owner', () => owner?.close());
    context.say('starts dockerd');
    const docker = await startDocker(context, { network: true });
    const podman = await ownPodman(context, { network: true, runtime: bare.runtime[0] as string });
    for (const peer of [docker, podman]) if (!('absent' in peer)) await peer.import(bare.rootfs, 'gh-bench');
    return [
      ours('guesthouse alone', alone.home.env, []),
      ours('guesthouse alone, no network', alone.home.env, ['--network', 'none']),
      ours('guesthouse beside a window', owned.home.env, []),
      'absent' in docker ? absent('docker run', docker.absent) : runner(docker, []),
      'absent' in podman ? absent('podman run', podman.absent) : runner(podman, LIMITS),
    ];
  },
};
