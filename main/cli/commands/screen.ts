/** Commands for a machine's screen and keyboard: screenshot, sendkey. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GuesthouseError } from '../../../engine/contract/errors.ts';
import { misused, oneName, parse, whole } from '../args.ts';
import type { CommandModule } from '../commands.ts';
import { withEngine } from '../engine.ts';
import { toStdout } from '../stream.ts';

export const screenshot: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { output: { type: 'string', short: 'o' }, width: { type: 'string' } });
    const guest = oneName(names, 'screenshot');
    const path = values.output ?? `${guest}.png`;
    if (path === '-' && process.stdout.isTTY)
      throw misused('A picture cannot be shown in a terminal.', 'Send it somewhere, or give a file with -o FILE.');
    const maxWidth = values.width === undefined ? undefined : whole(values.width, '--width', 1);
    const pieces: Uint8Array[] = [];
    const { width, height } = await withEngine(async (client) => {
      const stream = await client.open(
        'screenshot',
        { guest, ...(maxWidth === undefined ? {} : { maxWidth }) },
        {
          onData: (bytes, from) => {
            pieces.push(bytes);
            from.consumed(bytes.length);
          },
        },
      );
      await stream.ended;
      return stream.opened;
    });
    const png = Buffer.concat(pieces);
    if (path === '-') {
      const out = toStdout();
      out.write(png, () => {});
      await out.flushed();
      return undefined;
    }
    await writeFile(resolve(path), png).catch((error: NodeJS.ErrnoException) => {
      throw new GuesthouseError({
        code: error.code === 'ENOSPC' ? 'resources' : 'denied',
        message: 'The picture cannot be written.',
        subject: path,
        cause: error.message,
        hint: 'Give another file with -o FILE.',
      });
    });
    process.stdout.write(`${path}: ${width} × ${height}\n`);
    return undefined;
  },
};

export const sendkey: CommandModule = {
  async run(args) {
    const { values, names } = parse(args, { text: { type: 'string' } });
    const [guest, ...keys] = names;
    if (guest === undefined || (keys.length === 0 && values.text === undefined))
      throw misused(
        '`sendkey` needs the name of a guest and keys.',
        'For example: `guesthouse sendkey box ctrl-alt-delete`.',
      );
    const text = values.text === undefined ? {} : { text: values.text };
    await withEngine((client) => client.call('guests.sendKeys', { guest, keys, ...text }), { long: true });
    return undefined;
  },
};
