/** `guesthouse pull`. */
import { misused, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { printJson } from '../print.ts';
import { pullImage } from '../pull-missing.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { insecure: { type: 'boolean' }, json: { type: 'boolean' } });
  const [reference, extra] = names;
  if (reference === undefined || extra !== undefined) {
    throw misused(
      '`pull` needs one image of a registry.',
      'Write e.g. guesthouse pull registry.example:5000/team/web:1.2.',
    );
  }
  const image = await withEngine((client) => pullImage(client, reference, { insecure: values.insecure ?? false }));
  if (values.json) printJson(image);
  else process.stdout.write(`${image.name}\n`);
  return undefined;
}
