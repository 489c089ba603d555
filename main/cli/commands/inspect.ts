/** `guesthouse inspect NAME`. */
import { oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { printJson } from '../print.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, { json: { type: 'boolean' } });
  printJson(await withEngine((client) => client.call('guests.inspect', { guest: oneName(names, 'inspect') })));
  return undefined;
}
