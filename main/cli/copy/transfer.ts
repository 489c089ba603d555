/** The two byte streams of `cp` as plain sources and sinks, with credit given as bytes are taken. */
import type { Client } from '../../../engine/contract/client.ts';
import { INITIAL_CREDIT } from '../../../engine/contract/wire.ts';

/** Opens a path of a guest as a tar archive; with `raw` a regular file as it is. */
export async function openOut(client: Client, guest: string, path: string, raw = false) {
  const queue: Uint8Array[] = [];
  let wake = () => {};
  let over: { error: unknown } | 'done' | null = null;
  const stream = await client.open(
    'copy-out',
    { guest, path, ...(raw ? { raw } : {}) },
    {
      onData: (bytes) => {
        queue.push(bytes);
        wake();
      },
    },
  );
  stream.ended.then(
    () => {
      over = 'done';
      wake();
    },
    (error) => {
      over = { error };
      wake();
    },
  );
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const bytes = queue.shift();
        if (bytes) {
          yield bytes;
          stream.consumed(bytes.length);
        } else if (over === 'done') return;
        else if (over) throw (over as { error: unknown }).error;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      if (over === null) stream.close();
    }
  }
  return { opened: stream.opened, source: read() };
}

/** Sends an archive to be unpacked below a folder of a guest; answers the number of entries. */
export async function sendIn(
  client: Client,
  guest: string,
  path: string,
  source: AsyncIterable<Uint8Array>,
): Promise<number> {
  const stream = await client.open('copy-in', { guest, path }, { onData: () => {} });
  let broken = false;
  stream.ended.catch(() => {
    broken = true;
  });
  try {
    for await (const bytes of source) {
      if (broken) break;
      if (bytes.length > 0 && stream.write(new Uint8Array(bytes)) > INITIAL_CREDIT)
        await Promise.race([stream.drained(), stream.ended.catch(() => {})]);
    }
    stream.control({ type: 'stdin-end' });
  } catch (error) {
    stream.close();
    throw error;
  }
  return (await stream.ended).entries;
}
