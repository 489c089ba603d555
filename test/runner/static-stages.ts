/** The stages that only read the sources: types per zone, style, import directions. */
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { oneCheck, type Stage } from './stage.ts';

/** Each has a tsconfig of its own, which decides what may be used there. */
const ZONES = ['engine/contract', 'engine', 'main', 'main/electron', 'test'];

export function staticStages(root: string): Stage[] {
  const tool = (...path: string[]) => join(root, 'node_modules', ...path);
  const node = process.execPath;
  return [
    {
      name: 'types',
      title: `types in ${[...ZONES, 'renderer'].join(', ')}`,
      async run() {
        const zones = async () => {
          let holds = true;
          for (const zone of ZONES) {
            if ((await runCommand([node, tool('typescript', 'bin', 'tsc'), '-p', zone], { cwd: root })) !== 0)
              holds = false;
          }
          return holds;
        };
        const window = [
          tool('svelte-check', 'bin', 'svelte-check'),
          '--tsconfig',
          'renderer/tsconfig.json',
          '--output',
          'human',
          '--threshold',
          'error',
        ];
        const both = await Promise.all([zones(), runCommand([node, ...window], { cwd: root })]);
        return oneCheck('types', both[0] && both[1] === 0);
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
