/** The same as `container-start` with a network: its namespace, address, name and way out. */
import type { Absent, Bench, Variant } from '../harness.ts';
import { makeBenchHome } from '../home.ts';
import { startDocker } from '../peers/docker.ts';
import { LIMITS, ownPodman } from '../peers/podman.ts';
import { bareBundles } from '../peers/runtime.ts';
import { startOurs } from './container-start.ts';

const COMMAND = ['true'];

export const networkStart: Bench = {
  name: 'network-start',
  about:
    'create, start and exit of `true` on the default network of each; warm image (busybox), no removal on our side',
  goals: [
    { of: 'ours/peer', atMost: 1 / 4, than: 'docker' },
    { of: 'ours/peer', atMost: 1 / 4, than: 'podman' },
  ],
  rounds: 15,
  warmups: 2,
  async prepare(context) {
    if (process.getuid?.() !== 0) return [{ role: 'peer', label: 'docker and podman', absent: 'dockerd needs root' }];
    const home = makeBenchHome(context, 'home');
    const engine = await home.engine();
    context.say('builds the image');
    await engine.call('images.build', { builder: 'busybox' });
    const [bare] = await bareBundles(context, home, engine, COMMAND);
    context.say('starts dockerd');
    const docker = await startDocker(context, { network: true });
    const podman = await ownPodman(context, { network: true, runtime: bare.runtime[0] as string });
    for (const peer of [docker, podman]) if (!('absent' in peer)) await peer.import(bare.rootfs, 'gh-bench');
    return [
      startOurs(engine, 'guesthouse'),
      'absent' in docker ? absent('docker run', docker.absent) : runner(docker, []),
      'absent' in podman ? absent('podman run', podman.absent) : runner(podman, LIMITS),
    ];
  },
};

/** A peer that is not here. */
export const absent = (label: string, why: string): Absent => ({ role: 'peer', label, absent: why });

/** `run --rm` of a peer, with the words it needs beside those of its image `gh-bench`. */
export function runner(
  peer: { readonly label: string; time(args: readonly string[]): Promise<number> },
  words: readonly string[],
): Variant {
  const args = ['run', '--rm', ...words, 'gh-bench', ...COMMAND];
  return { role: 'peer', label: `${peer.label} run --rm`, run: async () => ({ ms: await peer.time(args) }) };
}
