/** One contract suite over every carrier this process can make: memory, Unix socket, WebSocket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Client, createClient } from '../engine/contract/client.ts';
import { GuesthouseError } from '../engine/contract/errors.ts';
import type { UnpackedFrame } from '../engine/contract/frame.ts';
import type { Sample, SampleFrame } from '../engine/contract/metrics.ts';
import { type Carrier, decodeBytes, encodeBytes, INITIAL_CREDIT, WIRE_VERSION } from '../engine/contract/wire.ts';
import type { Engine, StreamSink } from '../engine/index.ts';
import { serveClient } from './bridge.ts';
import { portCarrier } from './electron/carrier.ts';
import { carrierPair } from './pair.ts';
import { webSocketCarrier } from './server/websocket.ts';
import { socketCarrier } from './socket.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** An engine that answers a little and remembers what its streams were told. */
function fakeEngine() {
  const told: string[] = [];
  const askers: unknown[] = [];
  const opened: { sink: StreamSink; granted: number; received: Uint8Array[] }[] = [];
  const engine = {
    call: async (name: string, args: unknown, asker: unknown) => {
      askers.push(asker);
      told.push(`call ${name} ${JSON.stringify(args)}`);
      if (name === 'guests.start')
        throw new GuesthouseError({ code: 'busy', message: 'Busy.', subject: 'web', hint: 'Wait.' });
      if (name === 'guests.stop') throw new TypeError('a fault');
      return [];
    },
    subscribe: (topic: string, _args: unknown, onEvent: (event: unknown) => void) => {
      if (topic === 'samples') for (const at of [1_000, 2_000]) onEvent(figures(at));
      else onEvent({ type: 'snapshot', revision: 0, guests: [] });
      return () => told.push(`unsubscribed ${topic}`);
    },
    open: async (_kind: string, _args: unknown, sink: StreamSink) => {
      const stream = { sink, granted: 0, received: [] as Uint8Array[] };
      opened.push(stream);
      return {
        opened: { id: 's' },
        bytes: (bytes: Uint8Array) => {
          stream.received.push(bytes);
          sink.credit(bytes.length);
        },
        control: (message: unknown) => told.push(`control ${JSON.stringify(message)}`),
        grant: (bytes: number) => {
          stream.granted += bytes;
        },
        close: () => told.push('stream closed'),
      };
    },
    close: async () => {},
  };
  return { engine: engine as unknown as Engine, told, askers, opened };
}

/** More of them than one piece of a stream holds. */
const figures = (at: number): SampleFrame => ({
  at,
  costPercent: 0.5,
  samples: Array.from({ length: 20_000 }, (_, n) => ({ id: `g${n}`, cpuPercent: n / 4, memoryBytes: at }) as Sample),
});

const carriers: Record<string, () => Promise<[Carrier, Carrier]>> = {
  memory: async () => carrierPair(),
  MessagePort: async () => {
    const { port1, port2 } = new MessageChannel();
    cleanups.push(() => port1.close());
    // Electron's port hands over an event, Node's the message itself.
    const electronPort = (port: MessagePort) => ({
      postMessage: (message: unknown) => port.postMessage(message),
      on: (event: string, listener: (event: { data: unknown }) => void) =>
        port.on(event, (data: unknown) => listener({ data })),
      start: () => port.start(),
      close: () => port.close(),
    });
    return [portCarrier(electronPort(port1)), portCarrier(electronPort(port2))];
  },
  'Unix socket': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gh-socket-'));
    const path = join(folder, 's');
    return new Promise((resolve) => {
      const server = createServer((socket) => {
        const far = socketCarrier(socket);
        cleanups.push(() => socket.destroy());
        void near.then((carrier) => resolve([carrier, far]));
      });
      cleanups.push(() => {
        server.close();
        rmSync(folder, { recursive: true });
      });
      const near = new Promise<Carrier>((done) =>
        server.listen(path, () => {
          const socket = connect(path, () => done(socketCarrier(socket)));
        }),
      );
    });
  },
  WebSocket: async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    cleanups.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
    const far = new Promise<Carrier>((resolve) => server.once('connection', (one) => resolve(webSocketCarrier(one))));
    const near = webSocketCarrier(socket);
    cleanups.push(() => socket.terminate());
    await new Promise((resolve) => socket.once('open', resolve));
    return [near, await far];
  },
};

describe.each(Object.keys(carriers))('the bridge over %s', (name) => {
  async function link() {
    const fake = fakeEngine();
    const [near, far] = await (carriers[name] as () => Promise<[Carrier, Carrier]>)();
    const end = serveClient(fake.engine, far);
    const client: Client = createClient(near);
    cleanups.push(end);
    return { ...fake, client, near, end };
  }

  test('a call goes there and its result comes back', async () => {
    const { client, told } = await link();
    expect(await client.call('guests.inspect', { guest: 'web' })).toEqual([]);
    expect(told).toEqual(['call guests.inspect {"guest":"web"}']);
  });

  test('who asks is told as the client says it, and nothing else of what it says', async () => {
    const { near, askers } = await link();
    const cli = { by: 'cli', user: 'ada' };
    for (const asker of [
      cli,
      { by: 'policy', project: 'x', user: '' },
      'root',
      { by: 'compose', user: 'x'.repeat(1000) },
    ]) {
      near.sendMessage({ t: 'hello', version: WIRE_VERSION, asker } as never);
      near.sendMessage({ t: 'call', id: 99, method: 'guests.list', args: {} });
    }
    await expect
      .poll(() => askers)
      .toEqual([cli, { by: 'window' }, { by: 'window' }, { by: 'compose', user: 'x'.repeat(64) }]);
  });

  test('an error comes back with all it says; a fault does not show its insides', async () => {
    const { client } = await link();
    await expect(client.call('guests.start', { guest: 'web' })).rejects.toThrow(
      expect.objectContaining({ code: 'busy', subject: 'web', hint: 'Wait.' }),
    );
    await expect(client.call('guests.stop', { guest: 'web' })).rejects.toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });

  test.each([
    ['a call there is not', 'guests.explode', {}],
    ['a call by an inherited name', 'constructor', {}],
    ['a missing argument', 'guests.inspect', {}],
    ['an unknown argument', 'guests.inspect', { guest: 'a', shell: 'sh' }],
    ['a wrong kind', 'guests.inspect', { guest: 7 }],
    ['a text of a megabyte', 'guests.inspect', { guest: 'x'.repeat(1_000_000) }],
  ])('%s is refused and the link goes on', async (_what, method, args) => {
    const { client, told } = await link();
    await expect(client.call(method as never, args as never)).rejects.toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
    expect(told).toEqual([]);
    expect(await client.call('guests.list', {})).toEqual([]);
  });

  test('a subscription ends on both sides', async () => {
    const { client, told } = await link();
    const events: unknown[] = [];
    const stop = client.subscribe('state', {}, (event) => events.push(event));
    await expect.poll(() => events.length).toBe(1);
    stop();
    await expect.poll(() => told).toEqual(['unsubscribed state']);
  });

  test('figures of many guests arrive as they were, second by second', async () => {
    const { client } = await link();
    const frames = await new Promise<UnpackedFrame[]>((done) => {
      const seen: UnpackedFrame[] = [];
      client.subscribe('samples', {}, (frame) => seen.push(frame) === 2 && done(seen));
    });
    expect(frames.map(({ at, costPercent }) => [at, costPercent])).toEqual([
      [1_000, 0.5],
      [2_000, 0.5],
    ]);
    for (const frame of frames)
      expect(frame.get('g19999')).toMatchObject({ id: 'g19999', cpuPercent: 4999.75, memoryBytes: frame.at });
    // Who is in them did not change, and was told once.
    expect(frames[1]?.places).toBe(frames[0]?.places);
  });

  test('stream bytes go both ways, with credit', async () => {
    const { client, opened } = await link();
    const got: number[] = [];
    const stream = await client.open('console', { guest: 'web' }, { onData: (bytes) => got.push(...bytes) });
    const far = opened[0] as (typeof opened)[number];
    await expect.poll(() => far.granted).toBe(INITIAL_CREDIT);
    far.sink.bytes(new Uint8Array([1, 2, 3]));
    await expect.poll(() => got).toEqual([1, 2, 3]);
    stream.consumed(3);
    await expect.poll(() => far.granted).toBe(INITIAL_CREDIT + 3);

    const sent = new Uint8Array(INITIAL_CREDIT * 3).map((_, index) => index % 251);
    stream.write(sent);
    await stream.drained();
    await expect.poll(() => far.received.reduce((sum, bytes) => sum + bytes.length, 0)).toBe(sent.length);
    expect(Buffer.compare(Buffer.concat(far.received), Buffer.from(sent))).toBe(0);
  });

  test('bytes that come with the opening find their stream', async () => {
    const { client, opened, engine } = await link();
    const open = engine.open.bind(engine);
    let first = true;
    engine.open = (async (kind: never, args: never, sink: StreamSink) => {
      const source = await open(kind, args, sink);
      const grant = (bytes: number) => {
        source.grant(bytes);
        if (first) sink.bytes(new Uint8Array(5));
        first = false;
      };
      return { ...source, grant };
    }) as typeof engine.open;
    await client.open('console', { guest: 'web' }, { onData: (bytes, stream) => stream.consumed(bytes.length) });
    await expect.poll(() => opened[0]?.granted).toBe(INITIAL_CREDIT + 5);
  });

  test('without credit given back the client stops sending', async () => {
    const { client, opened, engine } = await link();
    const open = engine.open.bind(engine);
    engine.open = (async (kind: never, args: never, sink: StreamSink) =>
      open(kind, args, { ...sink, credit: () => {} })) as typeof engine.open;
    const stream = await client.open('console', { guest: 'web' }, { onData: () => {} });
    expect(stream.write(new Uint8Array(INITIAL_CREDIT * 2))).toBe(INITIAL_CREDIT);
    const received = () => opened[0]?.received.reduce((sum, bytes) => sum + bytes.length, 0);
    await expect.poll(received, { timeout: 10_000 }).toBe(INITIAL_CREDIT);
    // What would be too much has had time to come.
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(received()).toBe(INITIAL_CREDIT);
  });

  test('the end of a stream and of the link reach the client', async () => {
    const { client, opened, end, told } = await link();
    const first = await client.open('console', { guest: 'a' }, { onData: () => {} });
    const second = await client.open('console', { guest: 'b' }, { onData: () => {} });
    opened[0]?.sink.end({ info: { exitCode: 3 } });
    expect(await first.ended).toEqual({ exitCode: 3 });
    end();
    await expect(second.ended).rejects.toThrow(expect.objectContaining({ code: 'disconnected' }));
    await expect(client.call('guests.list', {})).rejects.toThrow(expect.objectContaining({ code: 'disconnected' }));
    expect(told).toContain('stream closed');
  });

  test('a control message that is not one ends that stream only', async () => {
    const { client } = await link();
    const stream = await client.open('console', { guest: 'a' }, { onData: () => {} });
    stream.control({ type: 'resize', columns: 1e9, rows: -1 });
    await expect(stream.ended).rejects.toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(await client.call('guests.list', {})).toEqual([]);
  });

  test.each([
    ['nothing', null],
    ['a number', 5],
    ['no type', {}],
    ['no id', { t: 'call', method: 'guests.list' }],
  ])('a message that is %s ends the link', async (_what, message) => {
    const { near, client } = await link();
    near.sendMessage(message as never);
    expect(await client.closed).toBeTypeOf('string');
  });
});

test('stream bytes keep their id', () => {
  expect(decodeBytes(encodeBytes(70_000, new Uint8Array([9])))).toEqual({ id: 70_000, bytes: new Uint8Array([9]) });
});
