/** A small picture of a machine's screen, fetched as it is now. */
import { engine } from '../bridge/index.ts';

/** Rejects with a GuesthouseError when there is none to be had. */
export async function screenPicture(guest: string, maxWidth: number): Promise<ImageBitmap> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const stream = await engine.open(
    'screenshot',
    { guest, maxWidth },
    {
      onData: (bytes, from) => {
        pieces.push(new Uint8Array(bytes));
        from.consumed(bytes.length);
      },
    },
  );
  await stream.ended;
  return createImageBitmap(new Blob(pieces, { type: 'image/png' }));
}
