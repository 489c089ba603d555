/** `guesthouse image build|import|ls|rm`. */
import { resolve } from 'node:path';
import { toErrorShape } from '../../../engine/contract/errors.ts';
import type { BuilderName } from '../../../engine/contract/image.ts';
import { misused, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { bytes, printError, printJson, printTable } from '../print.ts';
import { withProgress } from '../progress.ts';

export async function run(args: readonly string[]): Promise<number | undefined> {
  const [verb, ...rest] = args;
  switch (verb) {
    case 'build':
      return build(rest);
    case 'import':
      return importFile(rest);
    case 'ls':
      return list(rest);
    case 'rm':
      return remove(rest);
    default:
      throw misused(
        verb === undefined ? '`image` needs a verb.' : `\`image\` has no verb ${JSON.stringify(verb.slice(0, 40))}.`,
        'Use image build, image import, image ls or image rm.',
      );
  }
}

async function build(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { json: { type: 'boolean' } });
  const builder = names[0];
  if (builder !== 'busybox' && builder !== 'debian:12') {
    throw misused(
      builder === undefined
        ? '`image build` needs the name of a builder.'
        : `There is no builder ${JSON.stringify(builder.slice(0, 40))}.`,
      'The builders are busybox and debian:12.',
    );
  }
  const image = await withEngine((client) =>
    withProgress(client, 'build-image', builder, () =>
      client.call('images.build', { builder: builder as BuilderName }),
    ),
  );
  if (values.json) printJson(image);
  else process.stdout.write(`${image.name}\n`);
  return undefined;
}

async function importFile(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, { name: { type: 'string' }, json: { type: 'boolean' } });
  if (names.length !== 1) throw misused('`image import` needs one file.', 'See `guesthouse help image`.');
  const path = resolve(names[0] as string);
  const image = await withEngine((client) =>
    withProgress(client, 'import-image', values.name ?? path, () =>
      client.call('images.import', { path, ...(values.name === undefined ? {} : { name: values.name }) }),
    ),
  );
  if (values.json) printJson(image);
  else process.stdout.write(`${image.name}\n`);
  return undefined;
}

async function list(args: readonly string[]): Promise<undefined> {
  const { values } = parse(args, { json: { type: 'boolean' } });
  const images = await withEngine((client) => client.call('images.list', {}));
  if (values.json) return printJson(images) as undefined;
  printTable(
    ['NAME', 'KIND', 'ID', 'SIZE', 'USED BY', 'ORIGIN'],
    images.map((image) => [
      [image.name, ...image.aliases].join(', '),
      image.kind,
      image.id.replace('sha256:', '').slice(0, 12),
      bytes(image.sizeBytes),
      image.usedBy.join(', ') || '-',
      image.origin,
    ]),
  );
  return undefined;
}

async function remove(args: readonly string[]): Promise<number> {
  const { names } = parse(args, {});
  if (names.length === 0) throw misused('`image rm` needs the name of an image.', 'See `guesthouse image ls`.');
  return withEngine(async (client) => {
    let failed = false;
    for (const image of names) {
      try {
        await client.call('images.remove', { image });
        process.stdout.write(`${image}\n`);
      } catch (error) {
        failed = true;
        printError(toErrorShape(error));
      }
    }
    return failed ? 1 : 0;
  });
}
