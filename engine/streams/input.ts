/** Input of all watchers of one session, in the order it came, held back while the program does not read. */
import { GuesthouseError } from '../contract/errors.ts';
import { INITIAL_CREDIT } from '../contract/wire.ts';
import type { ConsoleEndpoint } from '../drivers/driver.ts';
import type { Reader } from './watch.ts';

export interface Input {
  /** Throws `invalid` when the reader sends more than it was given credit for. */
  push(reader: Reader, bytes: Uint8Array): void;
  /** No more input, after what waits. */
  end(): void;
  /** The program is gone: what waits is dropped. */
  close(): void;
}

export function createInput(endpoint: ConsoleEndpoint): Input {
  let queue: { readonly reader: Reader; readonly bytes: Uint8Array }[] = [];
  let busy = false;
  let ending = false;
  let open = true;

  const flush = () => {
    let next = 0;
    while (open && !busy && next < queue.length) {
      const { reader, bytes } = queue[next++] as (typeof queue)[number];
      busy = !endpoint.write(bytes);
      reader.inputBytes -= bytes.length;
      if (!reader.over) reader.watcher.credit(bytes.length);
    }
    queue = queue.slice(next);
    if (busy) {
      // A program may never read its input again; nobody but its own watchers waits for it.
      endpoint.drained().then(resume, () => {});
    } else if (ending && queue.length === 0 && open) {
      open = false;
      endpoint.endInput();
    }
  };
  const resume = () => {
    busy = false;
    flush();
  };

  return {
    push(reader, bytes) {
      if (bytes.length === 0 || !open || ending) return;
      if (reader.inputBytes + bytes.length > INITIAL_CREDIT)
        throw new GuesthouseError({
          code: 'invalid',
          message: 'More input was sent than credit was given for.',
          subject: endpoint.id,
        });
      reader.inputBytes += bytes.length;
      queue.push({ reader, bytes });
      if (!busy) flush();
    },
    end() {
      ending = true;
      if (!busy) flush();
    },
    close() {
      open = false;
      queue = [];
    },
  };
}
