/** The command people type most, against Node doing nothing. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { open } from '../../../main/join.ts';
import type { Bench, BenchContext, Variant } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';

const execute = promisify(execFile);
const CLI = fileURLToPath(new URL('../../../main/cli/guesthouse.js', import.meta.url));
const GUESTS = 20;
const TIMEOUT_MS = 30_000;

async function time(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ ms: number; stdout: string }> {
  const started = performance.now();
  const { stdout } = await execute(process.execPath, args, { env, timeout: TIMEOUT_MS });
  return { ms: performance.now() - started, stdout };
}

async function filledHome(context: BenchContext, name: string) {
  const home = makeBenchHome(context, name);
  const engine = await home.engine();
  await engine.call('images.build', { builder: 'busybox' });
  for (let index = 0; index < GUESTS; index++) {
    await createGuest(engine, { isolation: 'container', image: 'busybox' });
  }
  await home.leave();
  return home;
}

function listing(label: string, env: NodeJS.ProcessEnv): Variant {
  return {
    role: 'ours',
    label,
    async run() {
      const { ms, stdout } = await time([CLI, 'ls', '--json'], env);
      const found = (JSON.parse(stdout) as unknown[]).length;
      if (found !== GUESTS) throw new Error(`${label} lists ${found} guests instead of ${GUESTS}`);
      return { ms };
    },
  };
}

export const ls: Bench = {
  name: 'ls',
  about: `\`guesthouse ls --json\` with ${GUESTS} guests, start to exit, beyond \`node -e 0\``,
  goals: [{ of: 'ours-floor ms', atMost: 150 }],
  rounds: 15,
  warmups: 2,
  async prepare(context) {
    const alone = await filledHome(context, 'alone');
    const owned = await filledHome(context, 'owned');
    const owner = await open({ paths: owned.paths, background: false });
    context.defer('the owner', () => owner?.close());
    const floor: Variant = { role: 'floor', label: 'node -e 0', run: () => time(['-e', '0'], alone.env) };
    return [listing('ls, nobody owns the home', alone.env), listing('ls, joining a window', owned.env), floor];
  },
};
