/** The stages that only read the sources: types per zone, style, import directions. */
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { oneCheck, type Stage } from './stage.ts';

/** Each has a tsconfig of its own, which decides what may be used there. What takes longest is begun first. */
const ZONES = ['test', 'main', 'main/electron', 'engine', 'engine/contract'];

export function staticStages(root: string): Stage[] {
  const tool = (...path: string[]) => join(root, 'node_modules', ...path);
  const node = process.execPath;
  return [
    {
      name: 'types',
      title: `types in ${[...ZONES, 'renderer'].join(', ')}`,
      async run() {
        const window = [
          tool('svelte-check', 'bin', 'svelte-check'),
          '--tsconfig',
          'renderer/tsconfig.json',
          '--output',
          'human',
          '--threshold',
          'error',
        ];
        const checks = [window, ...ZONES.map((zone) => [tool('typescript', 'bin', 'tsc'), '-p', zone])];
        let holds = true;
        // Two at a time: each is busy on one core, and the machine may have no more.
        const worker = async () => {
          for (let check = checks.shift(); check; check = checks.shift())
            if ((await runCommand([node, ...check], { cwd: root })) !== 0) holds = false;
        };
        await Promise.all([worker(), worker()]);
        return oneCheck('types', holds);
      },
    },
    {
      name: 'lint',
      title: 'style (biome)',
      run: async () =>
        oneCheck(
          'lint',
          (await runCommand([node, tool('@biomejs', 'biome', 'bin', 'biome'), 'check'], { cwd: root })) === 0,
        ),
    },
    {
      name: 'directions',
      title: 'import directions',
      async run() {
        const rules = ['--config', 'test/architecture/directions.cjs', '--output-type', 'err'];
        const argv = [
          node,
          tool('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
          ...rules,
          'engine',
          'main',
          'renderer',
        ];
        return oneCheck('directions', (await runCommand(argv, { cwd: root })) === 0);
      },
    },
  ];
}
