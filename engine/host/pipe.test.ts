import { describe, expect, test } from 'vitest';
import { GuesthouseError } from '../contract/errors.ts';
import { pipeFrom } from './pipe.ts';

const all = async (source: AsyncIterable<Uint8Array>) => {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
};
const timeoutMs = 10_000;

describe('a program between two streams', () => {
  test('passes bytes on as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256));
    expect((await all(pipeFrom(['cat'], { timeoutMs, input: bytes }))).equals(bytes)).toBe(true);
    const source = (async function* () {
      yield bytes.subarray(0, 1000);
      yield bytes.subarray(1000);
    })();
    expect((await all(pipeFrom(['cat'], { timeoutMs, input: source }))).equals(bytes)).toBe(true);
    expect(await all(pipeFrom(['cat'], { timeoutMs }))).toHaveLength(0);
  });

  test('says how it ended', async () => {
    await expect(all(pipeFrom(['ls', '/nowhere/at/all'], { timeoutMs }))).rejects.toMatchObject({
      code: 'internal',
      cause: expect.stringContaining('No such file'),
    });
    await expect(all(pipeFrom(['false'], { timeoutMs, okCodes: [0, 1] }))).resolves.toHaveLength(0);
    await expect(all(pipeFrom(['there-is-no-such-program'], { timeoutMs }))).rejects.toMatchObject({
      code: 'missing-tool',
    });
    await expect(all(pipeFrom(['sleep', '30'], { timeoutMs: 50 }))).rejects.toMatchObject({ code: 'timeout' });
    // It stops reading long before its input ends.
    expect(await all(pipeFrom(['head', '-c', '5'], { timeoutMs, input: Buffer.alloc(5_000_000, 'a') }))).toHaveLength(
      5,
    );
  });

  test('ends with its reader, its signal and its input', async () => {
    for await (const piece of pipeFrom(['yes'], { timeoutMs })) if (piece.length > 0) break;
    const abort = new AbortController();
    const reading = all(pipeFrom(['sleep', '30'], { timeoutMs, signal: abort.signal }));
    abort.abort();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    const failing = (async function* () {
      yield Buffer.from('a');
      throw new GuesthouseError({ code: 'bad-data', message: 'no more' });
    })();
    await expect(all(pipeFrom(['cat'], { timeoutMs, input: failing }))).rejects.toMatchObject({ code: 'bad-data' });
  });
});
