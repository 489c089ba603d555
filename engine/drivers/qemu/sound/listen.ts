/** Listens to a machine that runs. */
import { addAbortSignal } from 'node:stream';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { LiveMachine } from '../live.ts';
import { connectDisplay } from '../vnc.ts';
import { readSound } from './rfb-sound.ts';

/** Throws `unsupported` for a machine without a sound card. */
export async function listen(
  { record, files }: LiveMachine,
  guestName: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  if ((record.hardware?.sound ?? 'none') === 'none') {
    throw new GuesthouseError({
      code: 'unsupported',
      message: `${guestName} has no sound card.`,
      subject: 'machine.sound',
      hint: 'Give it one (`guesthouse update --sound hda`), and start it anew.',
    });
  }
  return readSound(addAbortSignal(signal, await connectDisplay(files.vnc)));
}
