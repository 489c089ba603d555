/** Running one tool of the tests, its output shown as it comes. */
import { spawn } from 'node:child_process';

/** A tool that takes longer has hung (ms). */
const DEADLINE_MS = 45 * 60_000;

/** Resolves with the exit code; 124 when it had to be killed, as timeout(1) answers. */
export function runCommand(
  argv: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<number> {
  const [command, ...args] = argv as [string, ...string[]];
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...options,
      env: options.env ?? process.env,
      stdio: ['ignore', 'inherit', 'inherit'],
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
