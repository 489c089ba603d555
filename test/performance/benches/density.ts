/**
 * A thousand running containers in one home: whether the last start as fast as the first, how long a list takes, what a
 * second of sampling costs, and what each of them costs in memory outside its own program, beside bare conmon. Needs about
 * 8 MiB of memory per container, and minutes.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine } from '../../../engine/index.ts';
import { open } from '../../../main/join.ts';
import type { Bench, BenchContext, Role, Variant } from '../harness.ts';
import { type BenchHome, makeBenchHome } from '../home.ts';
import { keepersMemory } from '../memory.ts';

const execute = promisify(execFile);
const CLI = fileURLToPath(new URL('../../../main/cli/guesthouse.js', import.meta.url));
const GUESTS = 1000;
/** Starts behind one figure of the pace. */
const STEP = 100;
const SAMPLED_MS = 5_000;
const SETTLE_MS = 3_000;
const REMOVED_AT_ONCE = 4;

export const density: Bench = {
  name: 'density',
  about: `${GUESTS} running containers: pace of starting, list, sampling each second, memory of each outside its program`,
  goals: [
    { of: 'ours/floor', atMost: 1.2, ours: 'start', than: 'start' },
    { of: 'ours-floor ms', atMost: 200, ours: 'ls beside a window', than: 'node' },
    { of: 'ours-floor ms', atMost: 200, ours: 'ls alone', than: 'node' },
    { of: 'ours', atMost: 5, ours: 'sampling' },
    { of: 'ours/floor', atMost: 1.2, ours: 'memory', than: 'memory' },
  ],
  rounds: 5,
  warmups: 1,
  long: true,
  async prepare(context) {
    const home = makeBenchHome(context, 'home');
    const engine = await home.engine();
    context.defer('the guests, some at once', async () => removeAll(await home.engine()));
    await engine.call('images.build', { builder: 'busybox' });
    const before = keepersMemory().allKib;
    const pace = await fill(engine, context);
    await home.leave();
    const memory = keepersMemory();
    const value = (role: Role, label: string, unit: string, figure: number): Variant => ({
      role,
      label,
      unit,
      run: async () => ({ value: figure }),
    });
    return [
      value('ours', `start, each of the last ${STEP}`, 'ms', pace.at(-1) as number),
      value('floor', `start, each of the first ${STEP}`, 'ms', pace[0] as number),
      value('ours', 'memory of all that keeps one', 'KiB', (memory.allKib - before) / GUESTS),
      value('floor', 'memory of conmon', 'KiB', memory.conmonKib),
      listing('ls alone', home, false),
      listing('ls beside a window', home, true),
      { role: 'floor', label: 'node -e 0', run: () => timed(['-e', '0'], home.env) },
      sampling(home),
    ];
  },
};

/** Milliseconds per start of each hundred. */
async function fill(engine: Engine, context: BenchContext): Promise<number[]> {
  const pace: number[] = [];
  for (let done = 0; done < GUESTS; done += STEP) {
    const began = performance.now();
    for (let index = done; index < done + STEP; index++) {
      const command = ['sleep', '1000000'];
      const draft = { name: `g${index}`, isolation: 'container', image: 'busybox', memoryMib: 16, command } as const;
      const { id } = await engine.call('guests.create', { draft });
      await engine.call('guests.start', { guest: id });
    }
    pace.push((performance.now() - began) / STEP);
    context.say(`${done + STEP} run; ${pace.at(-1)?.toFixed(1)} ms each of the last ${STEP}`);
  }
  return pace;
}

/** `joined`: somebody else owns the home. */
function listing(label: string, home: BenchHome, joined: boolean): Variant {
  return {
    role: 'ours',
    label,
    async run() {
      const owner = joined ? await open({ paths: home.paths, background: true }) : null;
      try {
        // A window that has been open for a while: meeting a thousand guests again is not what is asked here.
        if (owner) await sleep(SETTLE_MS);
        const { ms, stdout } = await timed([CLI, 'ls', '--json'], home.env);
        const { length } = JSON.parse(stdout) as unknown[];
        if (length !== GUESTS) throw new Error(`${label} shows ${length} guests instead of ${GUESTS}.`);
        return { ms };
      } finally {
        await owner?.close();
      }
    },
  };
}

/** Processor time of an engine in the background that nobody asks anything. */
function sampling(home: BenchHome): Variant {
  return {
    role: 'ours',
    label: 'sampling every second',
    unit: '% of a core',
    async run() {
      const owner = await open({ paths: home.paths, background: true });
      try {
        await sleep(SETTLE_MS);
        const before = process.cpuUsage();
        const began = performance.now();
        await sleep(SAMPLED_MS);
        const { user, system } = process.cpuUsage(before);
        return { value: ((user + system) / 1000 / (performance.now() - began)) * 100 };
      } finally {
        await owner?.close();
      }
    },
  };
}

async function timed(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ ms: number; stdout: string }> {
  const began = performance.now();
  const { stdout } = await execute(process.execPath, args, { env, maxBuffer: 2 ** 28 });
  return { ms: performance.now() - began, stdout };
}

async function removeAll(engine: Engine): Promise<void> {
  const left = [...(await engine.call('guests.list', {}))];
  const worker = async () => {
    for (let guest = left.pop(); guest; guest = left.pop()) {
      await engine.call('guests.remove', { guest: guest.id, force: true });
    }
  };
  await Promise.all(Array.from({ length: REMOVED_AT_ONCE }, worker));
}
