/** A stage that is one or more Vitest projects, run as ourselves or as the ordinary user. */
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from './command.ts';
import { RESULT_FILE } from './reporter.ts';
import { type Outcome, oneCheck, type Stage } from './stage.ts';
import type { TestUser } from './test-user.ts';

export interface VitestStage {
  readonly root: string;
  readonly project: string;
  readonly title: string;
  /** Folder of this run; everything a test makes is under it. */
  readonly scratch: string;
  readonly user?: TestUser;
  /** Another stage runs at the same time: its output is shown at its end. */
  readonly beside?: boolean;
  /** Further arguments of Vitest, e.g. a file or `-t name`. */
  readonly filter?: readonly string[];
}

export function vitestStage(stage: VitestStage): Stage {
  const name = stage.user ? `${stage.project} as ${stage.user.name}` : stage.project;
  return { name, title: stage.title, run: () => runProject(stage, name) };
}

async function runProject(
  { root, project, scratch, user, beside, filter = [] }: VitestStage,
  name: string,
): Promise<Outcome> {
  const folder = join(scratch, `${project}${user ? '-user' : ''}`);
  mkdirSync(folder, { mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.uid);
  const result = join(folder, 'result.json');
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
    // Whatever is started carries this in its environment, which is how the leak check knows it.
    TMPDIR: folder,
    GUESTHOUSE_HOME: join(folder, 'home'),
    // Every engine and command a test starts would strip and parse the same sources again.
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    [RESULT_FILE]: result,
  };
  const vitest = [
    process.execPath,
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...['--project', project, '--passWithNoTests', '--reporter', 'default', '--reporter', 'test/runner/reporter.ts'],
    // The configuration is loaded as it is: an ordinary user may not write compiled files into the project.
    ...['--configLoader', 'native', '--no-cache'],
    ...filter,
  ];
  const argv = user
    ? [...user.prefix({ ...env, HOME: user.home, LANG: 'C.UTF-8', USER: user.name }), ...vitest]
    : vitest;
  const shown = beside ? { outputFile: join(scratch, `${project}-output`) } : {};
  const code = await runCommand(argv, { cwd: root, env: { ...process.env, ...env }, ...shown });
  const outcome = readOutcome(result);
  if (!outcome) return oneCheck(`${name}: Vitest left no result (exit code ${code})`, code === 0);
  // Vitest may fail for a reason of its own, after every test passed.
  return code === 0 || outcome.failed > 0
    ? outcome
    : { ...outcome, failed: 1, failures: [`${name}: exit code ${code}`] };
}

function readOutcome(path: string): Outcome | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Outcome;
  } catch {
    return null;
  }
}
