/** `guesthouse pull`. */
import { misused, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { printJson } from '../print.ts';
import { withProgress } from '../progress.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { insecure: { type: 'boolean' }, json: { type: 'boolean' } });
  const [reference, extra] = names;
  if (reference === undefined || extra !== undefined) {
    throw misused(
      '`pull` needs one image of a registry.',
      'Write e.g. guesthouse pull registry.example:5000/team/web:1.2.',
    );
  }
  const image = await withEngine((client) =>
    withProgress(client, 'pull-image', reference, () =>
      client.call('images.pull', { reference, ...(values.insecure ? { insecure: true } : {}) }),
    ),
  );
  if (values.json) printJson(image);
  else process.stdout.write(`${image.name}\n`);
  return undefined;
}
