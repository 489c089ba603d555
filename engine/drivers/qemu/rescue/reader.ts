/** Lines and counted bytes from a socket, at the pace of whoever takes them. The other end is not to be trusted. */
import type { Socket } from 'node:net';
import { GuesthouseError } from '../../../contract/errors.ts';

export interface Reader {
  /** Without its end. Throws `disconnected`, or `bad-data` for one that is longer than `maxBytes`. */
  line(maxBytes: number): Promise<string>;
  /** What there is of the next so many bytes, at least one. Throws `disconnected`. */
  some(max: number): Promise<Buffer>;
  /** All of so many bytes, which are few. */
  all(count: number): Promise<Buffer>;
}

const NEWLINE = 10;

export function createReader(socket: Socket): Reader {
  const pieces = socket[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<void> {
    const { done, value } = await pieces.next().catch(() => ({ done: true as const, value: undefined }));
    if (done) throw new GuesthouseError({ code: 'disconnected', message: 'The rescue machine ended.' });
    rest = rest.length === 0 ? (value as Buffer) : Buffer.concat([rest, value as Buffer]);
  }

  async function some(max: number): Promise<Buffer> {
    if (rest.length === 0) await more();
    const piece = rest.subarray(0, max);
    rest = rest.subarray(piece.length);
    return piece;
  }

  return {
    async line(maxBytes) {
      for (;;) {
        const end = rest.indexOf(NEWLINE);
        if (end > maxBytes || (end < 0 && rest.length > maxBytes)) throw unexpected();
        if (end >= 0) {
          const line = rest.toString('latin1', 0, end);
          rest = rest.subarray(end + 1);
          return line;
        }
        await more();
      }
    },
    some,
    async all(count) {
      const parts: Buffer[] = [];
      for (let left = count; left > 0; left -= (parts.at(-1) as Buffer).length) parts.push(await some(left));
      return Buffer.concat(parts);
    },
  };
}

export function unexpected(): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: 'The rescue machine answers in a way it should not.',
    cause: 'What is on the disk may have taken it over.',
    hint: 'Close it, and do not trust this disk.',
  });
}
