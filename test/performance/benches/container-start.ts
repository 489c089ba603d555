/** A container from nothing to the exit code of its program. */
import { join } from 'node:path';
import type { Engine } from '../../../engine/index.ts';
import type { Absent, Bench, Variant } from '../harness.ts';
import { createGuest, makeBenchHome, untilDone } from '../home.ts';
import { startDocker } from '../peers/docker.ts';
import { bareBundles, timeRun } from '../peers/runtime.ts';

const COMMAND = ['true'];
const EXIT_TIMEOUT_MS = 30_000;

export const containerStart: Bench = {
  name: 'container-start',
  about: 'create, start and exit of `true`; warm image (busybox), no network, no removal on our side',
  goals: [
    { of: 'ours/floor', atMost: 1.5 },
    { of: 'ours/peer', atMost: 1 / 3 },
  ],
  rounds: 15,
  warmups: 2,
  async prepare(context) {
    if (process.getuid?.() !== 0) {
      const absent = 'needs root for an equal bundle';
      return [{ role: 'floor', label: 'bare runtime', absent }];
    }
    const home = makeBenchHome(context, 'home');
    const engine = await home.engine();
    context.say('builds the image');
    await engine.call('images.build', { builder: 'busybox' });
    const bundles = await bareBundles(context, home, engine, COMMAND);
    const [{ rootfs }] = bundles;

    const ours = startOurs(engine, 'guesthouse', 'none');
    let run = 0;
    const floors: Variant[] = bundles.map((bare) => ({
      role: 'floor',
      label: `${bare.label} run`,
      run: async () => ({
        ms: await timeRun(bare, join(context.folder, 'runtime'), `gh-bench-${process.pid}-${run++}`),
      }),
    }));
    context.say('starts dockerd');
    const docker = await startDocker(context);
    if ('absent' in docker) {
      const peer: Absent = { role: 'peer', label: 'docker run', absent: docker.absent };
      return [ours, ...floors, peer];
    }
    await docker.import(rootfs, 'gh-bench');
    const words = ['run', '--rm', '--network', 'none', 'gh-bench', ...COMMAND];
    const peer: Variant = {
      role: 'peer',
      label: `${docker.label} run --rm`,
      run: async () => ({ ms: await docker.time(words) }),
    };
    return [ours, ...floors, peer];
  },
};

/** `network`: left out, the built-in one. */
export function startOurs(engine: Engine, label: string, network?: 'none'): Variant {
  return {
    role: 'ours',
    label,
    async run() {
      const started = performance.now();
      const guest = await createGuest(engine, {
        isolation: 'container',
        image: 'busybox',
        command: COMMAND,
        ...(network ? { network } : {}),
      });
      const created = performance.now();
      await engine.call('guests.start', { guest: guest.id });
      const running = performance.now();
      await untilDone(engine, guest, EXIT_TIMEOUT_MS);
      const done = performance.now();
      await engine.call('guests.remove', { guest: guest.id });
      return {
        ms: done - started,
        more: {
          create: created - started,
          start: running - created,
          exit: done - running,
          'with removal': performance.now() - started,
        },
      };
    },
  };
}
