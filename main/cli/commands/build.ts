/** `guesthouse build`: from a Containerfile, or by a builder of ours that needs no registry. */
import { resolve } from 'node:path';
import type { BuilderName, ContainerBuild, Image } from '../../../engine/contract/image.ts';
import { misused, parse, quoted } from '../args.ts';
import { buildImage } from '../build-image.ts';
import { withEngine } from '../engine.ts';
import { variables } from '../options/environment.ts';
import { printJson } from '../print.ts';
import { withProgress } from '../progress.ts';

const BUILDERS: readonly string[] = ['busybox', 'debian:12'] satisfies BuilderName[];

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names } = parse(args, {
    tag: { type: 'string', short: 't' },
    file: { type: 'string', short: 'f' },
    'build-arg': { type: 'string', multiple: true },
    target: { type: 'string' },
    'no-cache': { type: 'boolean' },
    quiet: { type: 'boolean', short: 'q' },
    json: { type: 'boolean' },
  });
  const [place, extra] = names;
  if (place === undefined || extra !== undefined) {
    throw misused(
      place === undefined
        ? '`build` needs the name of a builder, or a folder.'
        : `\`build\` takes one folder, not also ${quoted(extra as string)}.`,
      'The builders are busybox and debian:12; or write guesthouse build -t NAME FOLDER.',
    );
  }
  const isBuilder = values.tag === undefined && values.file === undefined && BUILDERS.includes(place);
  if (!isBuilder && values.tag === undefined) {
    throw misused(
      `There is no builder ${quoted(place)}.`,
      'The builders are busybox and debian:12. To build from a Containerfile, name the image: build -t NAME FOLDER.',
    );
  }
  const request: ContainerBuild = {
    context: resolve(place),
    name: values.tag ?? '',
    ...(values.file === undefined ? {} : { containerfile: resolve(values.file) }),
    ...(values['build-arg'] === undefined
      ? {}
      : { buildArgs: variables(values['build-arg'], process.env, '--build-arg') }),
    ...(values.target === undefined ? {} : { target: values.target }),
    ...(values['no-cache'] ? { noCache: true } : {}),
  };
  const image = await withEngine<Image>((client) =>
    isBuilder
      ? withProgress(client, 'build-image', place, () => client.call('images.build', { builder: place as BuilderName }))
      : buildImage(client, request, { quiet: values.quiet ?? false }),
  );
  if (values.json) printJson(image);
  else process.stdout.write(`${image.name}\n`);
  return undefined;
}
