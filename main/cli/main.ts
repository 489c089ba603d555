/** `guesthouse …`: finds the command, runs it, and turns whatever happens into an exit code. */
import { GuesthouseError, toErrorShape } from '../../engine/contract/errors.ts';
import { insteadOf, ourWords } from './aliases.ts';
import { commands } from './commands.ts';
import { helpAll, helpFor } from './help.ts';
import { tell } from './told.ts';

/** Exit codes: 0 done, 1 failed, 2 the command line was not understood, 130 interrupted. `exec` and `run` give the program's own. */
const FAILED = 1;
const MISUSED = 2;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read us went away (`| head`): not our failure.
  if (error.code === 'EPIPE') process.exit(0);
});

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = ourWords(argv);
  try {
    if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
      const topic = first === 'help' ? ourWords(rest)[0] : undefined;
      process.stdout.write(topic && Object.hasOwn(commands, topic) ? helpFor(topic) : helpAll());
      return first === undefined ? MISUSED : 0;
    }
    if (first === '--version') {
      const { VERSION } = await import('../../engine/host/version.ts');
      process.stdout.write(`${VERSION}\n`);
      return 0;
    }
    const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
    if (!command) {
      throw new GuesthouseError({
        code: 'invalid',
        message: `There is no command ${JSON.stringify(first.slice(0, 60))}.`,
        hint: insteadOf(first),
      });
    }
    if (asksForHelp(first, rest)) {
      process.stdout.write(helpFor(first));
      return 0;
    }
    const { run } = await command.load();
    return (await run(rest)) ?? 0;
  } catch (error) {
    const shape = toErrorShape(error);
    tell(error);
    return shape.code === 'cancelled' ? 130 : shape.code === 'invalid' ? MISUSED : FAILED;
  }
}

/** `--help` among our own words; what comes after `--`, or after the image of a `run`, is the guest's. */
function asksForHelp(command: string, rest: readonly string[]): boolean {
  const at = rest.indexOf('--help');
  if (at < 0 || rest.slice(0, at).includes('--')) return false;
  return !['run', 'exec', 'shell'].includes(command) || rest.slice(0, at).every((word) => word.startsWith('-'));
}
