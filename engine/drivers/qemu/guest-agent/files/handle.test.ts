/** Files by an agent that may be anything. */
import { expect, test } from 'vitest';
import { GuesthouseError } from '../../../../contract/errors.ts';
import type { GuestAgent } from '../client.ts';
import { PIECE_BYTES } from '../commands.ts';
import { openWriter, readGuestFile, writeGuestFile } from './handle.ts';
import { singleFiles } from './single.ts';
import { agentTools, knowsTools } from './tools.ts';

type Args = Record<string, unknown>;
const never = new AbortController().signal;
const piece = (bytes: Uint8Array, eof = false) => ({
  count: bytes.length,
  'buf-b64': Buffer.from(bytes).toString('base64'),
  eof,
});
const refused = (cause: string) => new GuesthouseError({ code: 'guest-failed', message: 'no', cause });

/** `answers`: to a command, in turn; the last again and again. An error is thrown. */
function fake(answers: Record<string, unknown[]>) {
  const asked: [string, Args][] = [];
  const agent: GuestAgent = {
    async execute(name, args = {}) {
      asked.push([name, args]);
      const all = answers[name] ?? [{}];
      const answer = all.length > 1 ? all.shift() : all[0];
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(args) : answer;
    },
    tell: async () => {},
    isThere: async () => true,
    close() {},
  };
  return { agent, asked, closed: () => asked.filter(([name]) => name === 'guest-file-close').length };
}
async function all(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts).toString();
}
async function* source(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

test('a file comes in pieces and is closed', async () => {
  const { agent, closed } = fake({
    'guest-file-open': [1000],
    'guest-file-read': [piece(Buffer.from('ab')), piece(Buffer.from('c'), true)],
  });
  expect(await all(readGuestFile(agent, '/x', never))).toBe('abc');
  expect(closed()).toBe(1);
});

test.each<[string, unknown]>([
  ['counts wrong', { count: 5, 'buf-b64': 'YQ==', eof: true }],
  ['gives more than was asked for', piece(new Uint8Array(PIECE_BYTES + 1), true)],
  ['gives no bytes but a count', { count: 1, eof: true }],
  ['answers nothing at all', null],
])('an agent that %s is not believed', async (_, answer) => {
  const { agent, closed } = fake({ 'guest-file-open': [1000], 'guest-file-read': [answer] });
  await expect(all(readGuestFile(agent, '/x', never))).rejects.toMatchObject({ code: 'bad-data' });
  expect(closed()).toBe(1);
});

test('one that never comes to an end of nothing is asked once', async () => {
  const { agent, asked } = fake({ 'guest-file-open': [1000], 'guest-file-read': [piece(Buffer.alloc(0))] });
  expect(await all(readGuestFile(agent, '/x', never))).toBe('');
  expect(asked.filter(([name]) => name === 'guest-file-read')).toHaveLength(1);
});

test.each([[null], ['1'], [1e300], [{}]])('%s is no handle', async (handle) => {
  const { agent } = fake({ 'guest-file-open': [handle] });
  await expect(all(readGuestFile(agent, '/x', never))).rejects.toMatchObject({ code: 'bad-data' });
});

test('what is written goes in pieces of one size, and less than all is a failure', async () => {
  const took = (args: Args) => ({ count: Buffer.from(String(args['buf-b64']), 'base64').length });
  const { agent, asked } = fake({ 'guest-file-open': [7], 'guest-file-write': [took] });
  const parts = Array.from({ length: 1000 }, () => new Uint8Array(512));
  await writeGuestFile(agent, '/x', { input: source(...parts, new Uint8Array(PIECE_BYTES)), signal: never });
  const sizes = asked.flatMap(([name, args]) => (name === 'guest-file-write' ? [took(args).count] : []));
  expect(sizes).toEqual([PIECE_BYTES, PIECE_BYTES, 512_000 - PIECE_BYTES]);
  expect(asked.slice(-2).map(([name]) => name)).toEqual(['guest-file-flush', 'guest-file-close']);

  const short = fake({ 'guest-file-open': [7], 'guest-file-write': [{ count: 1 }] });
  const writing = writeGuestFile(short.agent, '/x', { input: source(new Uint8Array(9)), signal: never });
  await expect(writing).rejects.toMatchObject({ code: 'bad-data' });
  expect(short.closed()).toBe(1);
});

test('a cancelled one says so before anything is flushed', async () => {
  const abort = new AbortController();
  const { agent, asked } = fake({ 'guest-file-open': [7] });
  const writer = await openWriter(agent, '/x', abort.signal);
  await writer.put(new Uint8Array(9));
  abort.abort();
  await expect(writer.end()).rejects.toMatchObject({ code: 'cancelled' });
  expect(asked.map(([name]) => name)).toEqual(['guest-file-open']);
});

test('tools are known by what they answer', async () => {
  const out = (text: string, exitcode = 0) => ({
    exited: true,
    exitcode,
    'out-data': Buffer.from(text).toString('base64'),
  });
  const knows = (status: unknown) =>
    knowsTools(agentTools(fake({ 'guest-exec': [{ pid: 5 }], 'guest-exec-status': [status] }).agent));
  expect(await knows(out('41ed\n'))).toBe(true);
  expect(await knows(out('usage: stat [-FlLnqrsx]\n', 1))).toBe(false);
  expect(await knows(out('81a4\n'))).toBe(false);
  expect(await knows({ ...out('41ed\n'), 'out-truncated': true })).toBe(false);
  expect(await knowsTools(agentTools(fake({ 'guest-exec': [refused('Failed to execute')] }).agent))).toBe(false);
});

test('a program that was given up is ended', async () => {
  const abort = new AbortController();
  const { agent, asked } = fake({
    'guest-exec': [{ pid: 5 }],
    'guest-exec-status': [
      () => {
        abort.abort();
        return { exited: false };
      },
    ],
  });
  const { tool } = agentTools(agent);
  await expect(all(tool(['tar'], { signal: abort.signal }))).rejects.toMatchObject({ code: 'cancelled' });
  expect(asked.at(-1)).toMatchObject(['guest-exec', { path: 'kill', arg: ['-TERM', '5'] }]);
});

test('a single file that became shorter is no archive', async () => {
  const { agent, closed } = fake({
    'guest-file-open': [7],
    'guest-file-read': [piece(Buffer.from('abc')), piece(Buffer.alloc(0), true)],
    'guest-file-seek': [{ position: 9 }, { position: 3 }],
  });
  const out = await singleFiles(agent, () => {}).copyOut('/etc/x', { raw: false, signal: never });
  await expect(all(out.bytes)).rejects.toMatchObject({ code: 'conflict' });
  expect(closed()).toBe(1);
});

test('what is cut off in a file written in place is told', async () => {
  const { agent } = fake({ 'guest-file-open': [7], 'guest-file-write': [refused('No space left on device')] });
  const files = singleFiles(agent, () => {});
  const { done } = await files.copyIn('/etc/x', { raw: true, signal: never, source: source(new Uint8Array(9)) });
  await expect(done).rejects.toMatchObject({ hint: expect.stringContaining('may hold a part') });
});
