import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectUnix } from '../connect.ts';
import { openQmp, type QmpHandlers } from './client.ts';
import { QMP_COMMANDS } from './deadlines.ts';
import { QmpParser } from './protocol.ts';

const GREETING = '{"QMP":{"version":{"qemu":{"micro":22,"minor":2,"major":7},"package":""},"capabilities":[]}}\r\n';
const SHORT = { ...QMP_COMMANDS, qmp_capabilities: 100, 'query-status': 100, greeting: 100 };
const QUIET: QmpHandlers = { onEvent() {}, onClose() {} };

let folder: string;
let server: Server;
let path: string;
/** What the fake monitor does with a connection. */
let serve: (socket: Socket) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qmp-'));
  path = join(folder, 's');
  server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((done) => server.listen(path, done));
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Answers each command with `answer(command, id)`, one byte at a time. */
function monitor(answer: (command: string, id: number) => string): (socket: Socket) => void {
  return (socket) => {
    const slowly = (text: string) => {
      for (const byte of Buffer.from(text)) socket.write(Buffer.from([byte]));
    };
    slowly(GREETING);
    let input = '';
    socket.on('data', (bytes) => {
      input += bytes;
      const lines = input.split('\n');
      input = lines.pop() ?? '';
      for (const line of lines) {
        const { execute, id } = JSON.parse(line);
        slowly(answer(execute, id));
      }
    });
  };
}
const ok = (id: number, value: unknown = {}) => `${JSON.stringify({ return: value, id })}\r\n`;

test('greets, asks and hears events, byte by byte', async () => {
  const events: string[] = [];
  serve = monitor((command, id) =>
    command === 'stop' ? `{"event":"STOP","timestamp":{}}\r\n${ok(id)}` : ok(id, { running: true }),
  );
  const qmp = await openQmp(await connectUnix(path), { ...QUIET, onEvent: (name) => events.push(name) });
  expect(qmp.version).toBe('7.2.22');
  expect(await qmp.execute('query-status')).toEqual({ running: true });
  await qmp.execute('stop');
  expect(events).toEqual(['STOP']);
  qmp.close();
});

test('answers out of order find their commands', async () => {
  const held: number[] = [];
  serve = monitor((command, id) => {
    if (command === 'qmp_capabilities') return ok(id);
    held.push(id);
    return held.length < 2
      ? ''
      : held
          .reverse()
          .map((one) => ok(one, { of: one }))
          .join('');
  });
  const qmp = await openQmp(await connectUnix(path), QUIET);
  const [first, second] = await Promise.all([qmp.execute('query-status'), qmp.execute('query-blockstats')]);
  expect([first, second]).toEqual([{ of: 2 }, { of: 3 }]);
  qmp.close();
});

test('garbage before, between and after answers is passed over', async () => {
  serve = monitor(
    (_command, id) =>
      `\u0000\u0001{"return"\r\n[]\r\nnull\r\n{"return":1,"id":"x"}\r\n${ok(id)}{"id":999,"return":0}\r\n`,
  );
  const qmp = await openQmp(await connectUnix(path), QUIET);
  await expect(qmp.execute('cont')).resolves.toEqual({});
  qmp.close();
});

test('silence is an error in time: at the greeting, and at a command', async () => {
  serve = () => {};
  await expect(openQmp(await connectUnix(path), QUIET, SHORT)).rejects.toMatchObject({ code: 'timeout' });
  serve = monitor((command, id) => (command === 'qmp_capabilities' ? ok(id) : ''));
  const qmp = await openQmp(await connectUnix(path), QUIET, SHORT);
  await expect(qmp.execute('query-status')).rejects.toMatchObject({ code: 'timeout' });
  qmp.close();
});

test('a refusal carries the reason; a lost monitor fails what waits and says so once', async () => {
  let closed = 0;
  serve = (socket) =>
    monitor((command, id) => {
      if (command === 'quit') socket.destroy();
      return command === 'stop' ? `{"error":{"class":"GenericError","desc":"no"},"id":${id}}\r\n` : ok(id);
    })(socket);
  const qmp = await openQmp(await connectUnix(path), { ...QUIET, onClose: () => closed++ });
  await expect(qmp.execute('stop')).rejects.toMatchObject({ code: 'guest-failed', cause: 'no' });
  await expect(Promise.race([qmp.execute('quit')]))
    .resolves.toEqual({})
    .catch(() => {});
  await expect(qmp.execute('cont')).rejects.toMatchObject({ code: 'disconnected' });
  expect(closed).toBe(1);
});

test('an endless line is dropped, and the next one is read', () => {
  const parser = new QmpParser();
  for (let index = 0; index < 5; index++) parser.push(Buffer.alloc(1024 * 1024, 'x'));
  expect(parser.push(Buffer.from(`\n${GREETING}`)).at(-1)).toEqual({ kind: 'greeting', version: '7.2.22' });
});
