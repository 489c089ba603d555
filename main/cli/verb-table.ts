/** Commands that have verbs of their own: `network ls`, `volume rm`. */
import { misused, quoted } from './args.ts';

type Run = (args: readonly string[]) => Promise<number | undefined>;

/** Runs the verb the words begin with. Throws `invalid` naming those there are. */
export function chooseVerb(command: string, verbs: Readonly<Record<string, Run>>) {
  return async ([verb, ...rest]: readonly string[]): Promise<number | undefined> => {
    const run = verb !== undefined && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (run) return run(rest);
    throw misused(
      verb === undefined ? `\`${command}\` needs a verb.` : `\`${command}\` has no verb ${quoted(verb)}.`,
      `There are: ${Object.keys(verbs).join(', ')}.`,
    );
  };
}
