/** Running one tool of the tests. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A tool that takes longer has hung (ms). */
const DEADLINE_MS = 45 * 60_000;

/**
 * Resolves with the exit code; 124 when it had to be killed, as timeout(1) answers. Its output is shown as it comes, or, with
 * `outputFile`, kept there and shown when it has ended: of two that run at once it could not be told whose a line is.
 */
export async function runCommand(
  argv: readonly string[],
  { outputFile, ...options }: { cwd: string; env?: NodeJS.ProcessEnv; outputFile?: string },
): Promise<number> {
  if (outputFile === undefined) return spawned(argv, options, 'inherit');
  const file = openSync(outputFile, 'w', 0o600);
  const code = await spawned(argv, options, file).finally(() => closeSync(file));
  process.stdout.write(readFileSync(outputFile));
  return code;
}

function spawned(
  argv: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
  output: 'inherit' | number,
): Promise<number> {
  const [command, ...args] = argv as [string, ...string[]];
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...options,
      env: options.env ?? process.env,
      stdio: ['ignore', output, output],
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      console.log(`${command} did not end within ${DEADLINE_MS / 60_000} minutes; it was killed`);
      child.kill('SIGKILL');
    }, DEADLINE_MS);
    child.on('error', (error) => {
      clearTimeout(timer);
      console.log(error.message);
      resolve(127);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(late ? 124 : (code ?? 128));
    });
  });
}
