/** The port of a rescue machine against one that keeps to the protocol, and one that does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { textOf } from '../../../guest-files/tools.ts';
import { createWorker, type Worker } from './worker.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const one of cleanups.splice(0)) one();
});

async function pair(onEndWork: (machine: Socket) => void = () => {}): Promise<{ worker: Worker; machine: Socket }> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-work-'));
  const server = createServer();
  const machine = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
  const socket = createConnection(join(folder, 's'));
  const other = await machine;
  const worker = createWorker(socket, async () => onEndWork(other));
  cleanups.push(() => {
    worker.close();
    other.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return { worker, machine: other };
}

/** A busy host may ask again before it has read the answer. */
function once(act: (machine: Socket) => void, times = 1): (machine: Socket) => void {
  return (machine) => {
    if (times-- > 0) act(machine);
  };
}

/** What the machine was sent, once it is at least this much. */
function heard(machine: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    machine.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (pattern.test(text)) resolve(text);
    });
  });
}

it('asks in one shell word each, and answers with what comes, a byte at a time', async () => {
  const { worker, machine } = await pair();
  const asked = heard(machine, /\n.*\n/s);
  const answer = textOf(worker.act(['tool', '/fs/vda1', 'cat', "/it's\na file"]));
  expect(await asked).toBe("request 49 none\nset -- 'tool' '/fs/vda1' 'cat' '/it'\\''s\na file'\n");
  for (const byte of 'output 5\nhello') machine.write(byte);
  machine.write('output 2\n, end 0 0\n');
  expect((await answer).toString()).toBe('hello, ');
});

it('says what the program said when it fails, unless that was allowed', async () => {
  const { worker, machine } = await pair();
  machine.write('end 1 7\nno such');
  await expect(textOf(worker.act(['tool', '/', 'cat', '/x']))).rejects.toMatchObject({
    code: 'internal',
    message: 'cat failed (exit code 1).',
    cause: 'no such',
  });
  machine.write('end 1 0\n');
  expect((await textOf(worker.act(['peek'], { okCodes: [0, 1] }))).length).toBe(0);
});

it('gives input in counted pieces and says where it ends', async () => {
  const { worker, machine } = await pair();
  const asked = heard(machine, /cde0\n$/);
  async function* input() {
    yield Buffer.from('ab');
    yield Buffer.from('cde');
  }
  const done = textOf(worker.act(['tool', '/', 'dd'], { input: input() }));
  expect(await asked).toMatch(/^request \d+ input\nset .*\n2\nab3\ncde0\n$/);
  machine.write('end 0 0\n');
  await done;
});

it('ends the program of whoever stops reading, and has the port free afterwards', async () => {
  const { worker, machine } = await pair(once((other) => other.write('output 3\nxyzend 137 0\n')));
  machine.write('output 10\n01234');
  for await (const piece of worker.act(['tool', '/', 'cat'])) {
    expect(piece.toString()).toBe('01234');
    machine.write('56789');
    break;
  }
  machine.write('output 2\nokend 0 0\n');
  expect((await textOf(worker.act(['peek']))).toString()).toBe('ok');
});

it('ends it when it is cancelled, and when its input fails', async () => {
  const { worker } = await pair((other) => other.write('end 137 0\n'));
  const abort = new AbortController();
  const cancelled = textOf(worker.act(['tool', '/', 'cat'], { signal: abort.signal }));
  setTimeout(() => abort.abort(), 20);
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  async function* failing() {
    yield Buffer.from('x');
    throw new Error('cut off');
  }
  await expect(textOf(worker.act(['tool', '/', 'dd'], { input: failing() }))).rejects.toThrow('cut off');
});

it('believes nothing else, and is of no use afterwards', async () => {
  for (const words of ['hello\n', 'output 99999999\n', 'output -1\n', 'end x 0\n', `${'x'.repeat(200)}`]) {
    const { worker, machine } = await pair();
    machine.write(words);
    await expect(textOf(worker.act(['peek']))).rejects.toMatchObject({ code: 'bad-data' });
    expect(worker.isBroken).toBe(true);
    await expect(textOf(worker.act(['peek']))).rejects.toMatchObject({ code: 'disconnected' });
  }
});
