/** `guesthouse image build|import|catalogue|fetch|mirror|ls|inspect|rm|tag|save|prune`. */
import { resolve } from 'node:path';
import { findImage } from '../../../engine/compose/find-image.ts';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import { exactly, misused, parse } from '../args.ts';
import { forEachName, unlessAbsent } from '../each.ts';
import { withEngine } from '../engine.ts';
import { bytes, printJson, printTable } from '../print.ts';
import { withProgress } from '../progress.ts';
import { chooseVerb } from '../verb-table.ts';
import { run as build } from './build.ts';
import { catalogue, fetchImage, mirror } from './catalogue.ts';
import { save, tag } from './image-out.ts';
import { prune } from './prune.ts';

export const run = chooseVerb('image', {
  build,
  import: importFile,
  catalogue,
  fetch: fetchImage,
  mirror,
  ls: list,
  inspect,
  rm: remove,
  tag: (args) => tag.run(args),
  save: (args) => save.run(args),
  prune: (args) => prune('image', args),
});

async function importFile(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    name: { type: 'string' },
    input: { type: 'string', short: 'i' },
    json: { type: 'boolean' },
  });
  const files = [...(values.input === undefined ? [] : [values.input]), ...names];
  if (files.length !== 1) throw misused('`image import` needs one file.', 'See `guesthouse help image`.');
  const path = resolve(files[0] as string);
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
  const { values } = parse(args, {
    json: { type: 'boolean' },
    quiet: { type: 'boolean', short: 'q' },
    // There are none that are not shown.
    all: { type: 'boolean', short: 'a' },
  });
  const images = await withEngine((client) => client.call('images.list', {}));
  if (values.json) return printJson(images) as undefined;
  if (values.quiet) {
    for (const { id } of images) process.stdout.write(`${id}\n`);
    return undefined;
  }
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

async function inspect(args: readonly string[]): Promise<undefined> {
  const { names } = parse(args, { json: { type: 'boolean' } });
  const [name] = exactly(names, 1, 'image inspect', 'one image') as [string];
  const found = findImage(await withEngine((client) => client.call('images.list', {})), name);
  if (!found) {
    throw new GuesthouseError({
      code: 'not-found',
      message: `There is no image named ${JSON.stringify(name)}.`,
      subject: name,
      hint: 'See `guesthouse image ls`.',
    });
  }
  printJson(found);
  return undefined;
}

async function remove(args: readonly string[]): Promise<number> {
  const { values, names } = parse(args, { force: { type: 'boolean', short: 'f' } });
  if (names.length === 0) throw misused('`image rm` needs the name of an image.', 'See `guesthouse image ls`.');
  // As docker and podman mean it: one that is not there is as good as removed. Guests keep what they are made from.
  return withEngine((client) =>
    forEachName(
      names,
      (image) =>
        unlessAbsent(
          values.force,
          client.call('images.remove', { image }).then(() => image),
        ),
      (removed) => removed as string | null,
    ),
  );
}
