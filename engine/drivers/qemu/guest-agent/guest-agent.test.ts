/** A client of an agent that may be anything: the guest's side is a fake that misbehaves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { execByAgent, setPassword, setTime, shutDown } from './acts.ts';
import { createGuestAgent, type GuestAgent } from './client.ts';
import { AGENT_COMMANDS, type AgentCommandName } from './commands.ts';
import { interfacesOf, systemOf } from './facts.ts';
import { freeze, withFrozenFileSystems } from './freeze.ts';

type Request = { execute: string; arguments?: Record<string, unknown> };

let folder: string;
let server: Server;
let agent: GuestAgent;
let open: boolean;
let asked: Request[];
/** What the fake says to a request; undefined: nothing. */
let answer: (request: Request, socket: Socket) => string | Buffer | undefined;

const SHORT = Object.fromEntries(
  Object.entries(AGENT_COMMANDS).map(([name, { maxBytes }]) => [name, { maxBytes, timeoutMs: 400 }]),
) as Record<AgentCommandName, { maxBytes: number; timeoutMs: number }>;
const ok = (value: unknown) => `${JSON.stringify({ return: value })}\n`;
const sync = ({ arguments: args }: Request) => Buffer.concat([Buffer.from([0xff]), Buffer.from(ok(args?.id))]);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-ga-'));
  open = true;
  asked = [];
  server = createServer((socket) => {
    socket.on('error', () => {});
    let input = '';
    socket.on('data', (bytes) => {
      input += bytes.toString('latin1').replaceAll('\xff', '');
      const lines = input.split('\n');
      input = lines.pop() ?? '';
      for (const line of lines) {
        const request = JSON.parse(line) as Request;
        if (request.execute !== 'guest-sync-delimited') asked.push(request);
        const said = answer(request, socket);
        if (said !== undefined) socket.write(said);
      }
    });
  });
  const socketPath = join(folder, 's');
  await new Promise<void>((done) => server.listen(socketPath, done));
  agent = createGuestAgent({ guestName: 'box', socketPath, isOpen: async () => open, commands: SHORT });
});
afterEach(() => {
  agent.close();
  server.close();
  rmSync(folder, { recursive: true });
});

const good =
  (answers: Record<string, unknown>): typeof answer =>
  (request) =>
    request.execute === 'guest-sync-delimited' ? sync(request) : ok(answers[request.execute] ?? {});

test('asks one after the other, byte by byte, past what a former conversation left', async () => {
  answer = (request, socket) => {
    const said = request.execute === 'guest-sync-delimited' ? sync(request) : Buffer.from(ok(request.arguments));
    socket.write('{"return": 99}\nleft over'.slice(0, request.execute === 'guest-sync-delimited' ? 99 : 0));
    for (const byte of said) socket.write(Buffer.from([byte]));
    return undefined;
  };
  const both = await Promise.all([1, 2, 3].map((pid) => agent.execute('guest-exec-status', { pid })));
  expect(both).toEqual([{ pid: 1 }, { pid: 2 }, { pid: 3 }]);
});

test.each<[string, typeof answer, string]>([
  ['says nothing', () => undefined, 'timeout'],
  ['answers another question', () => Buffer.concat([Buffer.from([0xff]), Buffer.from(ok(1))]), 'bad-data'],
  ['answers no JSON', (r) => (r.execute === 'guest-sync-delimited' ? sync(r) : '{"return":\n'), 'bad-data'],
  ['answers no answer', (r) => (r.execute === 'guest-sync-delimited' ? sync(r) : '[]\n'), 'bad-data'],
  ['refuses', (r) => (r.execute === 'guest-sync-delimited' ? sync(r) : '{"error":{"desc":"no"}}\n'), 'guest-failed'],
  ['never ends', (r) => (r.execute === 'guest-sync-delimited' ? sync(r) : Buffer.alloc(200_000, 120)), 'bad-data'],
  ['floods before its first word', () => Buffer.alloc(5_000_000, 10), 'timeout'],
  ['hangs up', (_r, socket) => void socket.destroy(), 'disconnected'],
  ['nests', (r) => (r.execute === 'guest-sync-delimited' ? sync(r) : `${'['.repeat(60_000)}\n`), 'bad-data'],
])('an agent that %s', async (_, behaviour, code) => {
  answer = behaviour;
  await expect(agent.execute('guest-info')).rejects.toMatchObject({ code });
  // The next conversation begins anew.
  answer = good({ 'guest-info': { version: '7' } });
  expect(await agent.execute('guest-info')).toEqual({ version: '7' });
});

test('what an agent may not do is told with where that is set', async () => {
  answer = (r) =>
    r.execute === 'guest-sync-delimited'
      ? sync(r)
      : '{"error":{"desc":"Command guest-exec has been disabled: the command is not allowed"}}\n';
  await expect(agent.execute('guest-exec')).rejects.toMatchObject({
    code: 'unsupported',
    hint: expect.stringContaining('qemu-ga'),
  });
});

test('where no agent listens nothing is sent', async () => {
  open = false;
  answer = good({});
  await expect(agent.execute('guest-info')).rejects.toMatchObject({ code: 'unsupported' });
  expect(asked).toEqual([]);
});

test('facts are checked and shortened', async () => {
  answer = good({
    'guest-info': {
      version: '7.2\u001b[2J',
      supported_commands: ['guest-get-host-name', 'guest-network-get-interfaces', 'guest-get-fsinfo', 'guest-exec'].map(
        (name) => ({ name, enabled: true }),
      ),
    },
    'guest-get-host-name': { 'host-name': 'x'.repeat(1000) },
    'guest-network-get-interfaces': [
      {
        name: 'eth0',
        'hardware-address': '52:54:00:00:00:01',
        'ip-addresses': [
          { 'ip-address': '10.0.0.2', prefix: 24 },
          { 'ip-address': '10.0.0.2; rm -rf /', prefix: 24 },
          { 'ip-address': 'fe80::1', prefix: 999 },
          null,
        ],
      },
      'nonsense',
    ],
    'guest-get-fsinfo': [{ mountpoint: '/', type: 'ext4', 'used-bytes': -1, 'total-bytes': 10 }],
  });
  const system = await systemOf(agent);
  expect(system).toMatchObject({
    version: '7.2 [2J',
    system: null,
    users: [],
    fileSystems: [{ mountPoint: '/', type: 'ext4', usedBytes: null, totalBytes: 10 }],
    canFreeze: false,
    canExec: true,
  });
  expect(system.hostName).toHaveLength(200);
  expect(await interfacesOf(agent)).toEqual([
    { name: 'eth0', mac: '52:54:00:00:00:01', addresses: ['10.0.0.2/24'] },
    { name: '', mac: null, addresses: [] },
  ]);
});

test('a guest is thawed whatever happens', async () => {
  answer = good({ 'guest-fsfreeze-freeze': 3 });
  expect(await withFrozenFileSystems(agent, async ({ fileSystems }) => fileSystems)).toBe(3);
  await expect(
    withFrozenFileSystems(agent, async () => {
      throw new Error('the snapshot failed');
    }),
  ).rejects.toThrow('the snapshot failed');
  expect(asked.map(({ execute }) => execute)).toEqual([
    'guest-fsfreeze-freeze',
    'guest-fsfreeze-thaw',
    'guest-fsfreeze-freeze',
    'guest-fsfreeze-thaw',
  ]);
  asked = [];
  // It froze and did not say so in time.
  answer = (request) => (request.execute === 'guest-fsfreeze-freeze' ? undefined : good({})(request, null as never));
  expect(await freeze(agent)).toMatchObject({ fileSystems: 0, why: expect.stringContaining('No answer') });
  expect(asked.map(({ execute }) => execute)).toEqual(['guest-fsfreeze-freeze', 'guest-fsfreeze-thaw']);
  // It does not thaw: told, after several tries.
  answer = (request) =>
    request.execute === 'guest-fsfreeze-thaw'
      ? '{"error":{"desc":"stuck"}}\n'
      : good({ 'guest-fsfreeze-freeze': 1 })(request, null as never);
  const stuck: unknown[] = [];
  await withFrozenFileSystems(
    agent,
    async () => {},
    (error) => stuck.push(error),
  );
  expect(stuck).toMatchObject([{ cause: 'stuck' }]);
  open = false;
  expect(await freeze(agent)).toEqual({ fileSystems: 0, why: 'No guest agent runs in it.' });
});

test('programs, passwords, the clock and the end', async () => {
  let polls = 0;
  answer = (request, socket) => {
    if (request.execute === 'guest-shutdown') return undefined; // it has no answer
    if (request.execute !== 'guest-exec-status') return good({ 'guest-exec': { pid: 7 } })(request, socket);
    const done = { exited: true, exitcode: 3, 'out-data': 'aGk=', 'err-data': 5, 'out-truncated': true };
    return ok(++polls < 2 ? { exited: false } : done);
  };
  const ran = await execByAgent(agent, { command: ['/bin/x', 'a'], env: ['A=b'], input: null, timeoutMs: 5_000 });
  expect(ran).toEqual({ code: 3, stdout: Buffer.from('hi'), stderr: Buffer.alloc(0), truncated: true });
  await setPassword(agent, 'ada', 'geheim');
  await setTime(agent, 1_700_000_000_123);
  await shutDown(agent);
  await new Promise((done) => setTimeout(done, 50));
  expect(asked.find(({ execute }) => execute === 'guest-exec')?.arguments).toEqual({
    path: '/bin/x',
    arg: ['a'],
    env: ['A=b'],
    'capture-output': true,
  });
  expect(asked.slice(-3).map(({ arguments: args }) => args)).toEqual([
    { username: 'ada', password: 'Z2VoZWlt', crypted: false },
    { time: 1_700_000_000_123_000_000 },
    { mode: 'powerdown' },
  ]);
});
