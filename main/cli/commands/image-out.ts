/** Images of what is here: tag, save, commit. */
import { resolve } from 'node:path';
import { exactly, misused, parse, quoted } from '../args.ts';
import type { CommandModule } from '../commands.ts';
import { withEngine } from '../engine.ts';
import { printJson } from '../print.ts';
import { withProgress } from '../progress.ts';
import { printWritten } from './change.ts';

export const tag: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { json: { type: 'boolean' } });
    const [image, name] = exactly(names, 2, 'tag', 'an image and its further name') as [string, string];
    const tagged = await withEngine((client) => client.call('images.tag', { image, name }));
    if (values.json) printJson(tagged);
    else process.stdout.write(`${name}\n`);
    return undefined;
  },
};

export const save: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, {
      output: { type: 'string', short: 'o' },
      format: { type: 'string' },
      json: { type: 'boolean' },
    });
    if (names.length === 0 || values.output === undefined)
      throw misused('`save` needs images and -o FILE.', 'Write e.g. guesthouse save -o web.tar web:1.2.');
    const { format } = values;
    if (format !== undefined && format !== 'docker' && format !== 'oci')
      throw misused(`--format has no ${quoted(format)}.`, 'There are docker and oci.');
    const path = resolve(values.output);
    const request = { images: names, path, ...(format === undefined ? {} : { format: format as 'docker' | 'oci' }) };
    const written = await withEngine((client) =>
      withProgress(client, 'save-image', null, () => client.call('images.save', request)),
    );
    printWritten(written, values.json);
    return undefined;
  },
};

export const commit: CommandModule = {
  async run(args) {
    const { values, names, command } = parse(args, {
      message: { type: 'string', short: 'm' },
      'no-pause': { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const [guest, name] = exactly(names, 2, 'commit', 'a guest and the name of the new image') as [string, string];
    const request = {
      guest,
      name,
      ...(values['no-pause'] ? { pause: false } : {}),
      ...(values.message === undefined ? {} : { comment: values.message }),
      ...(command === null ? {} : { command }),
    };
    const image = await withEngine((client) =>
      withProgress(client, 'commit', null, () => client.call('images.commit', request)),
    );
    if (values.json) printJson(image);
    else process.stdout.write(`${image.name}\n`);
    return undefined;
  },
};
