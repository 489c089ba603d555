import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { INITIAL_CREDIT } from '../contract/wire.ts';
import type { GuestFiles } from '../drivers/reach.ts';
import { openCopyIn, openCopyOut } from './copy-streams.ts';
import type { StreamContext, StreamSink } from './streams.ts';

function around(files: Partial<GuestFiles>, entry: object = {}) {
  const manifest = { id: '0123456789ab', spec: { name: 'web' } };
  const driver = { files: () => files };
  const guests = { entry: () => ({ manifest, driver, state: 'running', holder: null, cleanup: null, ...entry }) };
  const heard = { bytes: 0, credit: 0, ends: [] as object[] };
  const sink: StreamSink = {
    bytes: (bytes) => {
      heard.bytes += bytes.length;
    },
    control: () => {},
    credit: (count) => {
      heard.credit += count;
    },
    end: (result) => heard.ends.push(result),
  };
  return { context: { guests } as unknown as StreamContext, sink, heard };
}
/** Lets everything that can go on do so. */
const settle = () => sleep(5);

describe('out of a guest', () => {
  it('nothing is read that nobody has credit for, and nothing before the first', async () => {
    let made = 0;
    async function* bytes() {
      while (made < 100) {
        made++;
        yield Buffer.alloc(64 * 1024);
      }
    }
    const { context, sink, heard } = around({ copyOut: async () => ({ kind: 'file', sizeBytes: 1, bytes: bytes() }) });
    const stream = await openCopyOut({ guest: 'web', path: '/x', raw: true }, sink, context);
    await settle();
    expect({ made, ...heard }).toMatchObject({ made: 0, bytes: 0 });
    stream.grant(INITIAL_CREDIT);
    await settle();
    expect(heard.bytes).toBe(INITIAL_CREDIT);
    expect(made).toBeLessThan(12);
    for (let round = 0; round < 30; round++) {
      stream.grant(INITIAL_CREDIT);
      await settle();
    }
    expect(heard).toMatchObject({ bytes: 100 * 64 * 1024, ends: [{ info: {} }] });
  });

  it('a failure comes after the bytes before it', async () => {
    async function* bytes() {
      yield Buffer.alloc(10);
      throw new Error('broken');
    }
    const { context, sink, heard } = around({ copyOut: async () => ({ kind: 'file', sizeBytes: 1, bytes: bytes() }) });
    (await openCopyOut({ guest: 'web', path: '/x' }, sink, context)).grant(INITIAL_CREDIT);
    await settle();
    expect(heard).toMatchObject({ bytes: 10, ends: [{ error: { message: 'broken' } }] });
  });
});

describe('into a guest', () => {
  const taking = (take: (source: AsyncIterable<Uint8Array>) => Promise<number>) =>
    around({ copyIn: async (_, { source }) => ({ done: take(source).then((entries) => ({ entries })) }) });

  it('credit comes back as bytes are taken, and the end tells how much there was', async () => {
    const { context, sink, heard } = taking(async (source) => {
      let total = 0;
      for await (const part of source) total += part.length;
      return total;
    });
    const stream = await openCopyIn({ guest: 'web', path: '/x' }, sink, context);
    stream.bytes(Buffer.alloc(1000));
    stream.bytes(Buffer.alloc(2000));
    await settle();
    expect(heard).toMatchObject({ credit: 3000, ends: [] });
    stream.control({ type: 'stdin-end' });
    await settle();
    expect(heard.ends).toEqual([{ info: { entries: 3000 } }]);
  });

  it('more than there is credit for is refused', async () => {
    const { context, sink } = taking(() => new Promise(() => {}));
    const stream = await openCopyIn({ guest: 'web', path: '/x' }, sink, context);
    stream.bytes(Buffer.alloc(INITIAL_CREDIT));
    expect(() => stream.bytes(Buffer.alloc(1))).toThrow(/credit/);
  });

  it('whoever goes away before the end has sent nothing', async () => {
    let seen: unknown = null;
    const { context, sink, heard } = taking(async (source) => {
      try {
        for await (const _ of source);
      } catch (error) {
        seen = error;
        throw error;
      }
      return 0;
    });
    const stream = await openCopyIn({ guest: 'web', path: '/x' }, sink, context);
    stream.bytes(Buffer.alloc(10));
    stream.close();
    await settle();
    expect(seen).toMatchObject({ code: 'cancelled' });
    expect(heard.ends).toEqual([]);
  });
});

it.each([
  [{ driver: {} }, 'unsupported'],
  [{ state: 'starting', holder: { verb: 'start' } }, 'busy'],
  [{ state: 'stopped', holder: { verb: 'clone' } }, 'busy'],
  [{ state: 'deleting' }, 'busy'],
])('a guest that is %j says %s', async (entry, code) => {
  const { context, sink } = around({}, entry);
  await expect(openCopyOut({ guest: 'web', path: '/x' }, sink, context)).rejects.toMatchObject({ code });
});
