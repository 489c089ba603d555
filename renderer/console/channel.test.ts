import { expect, it } from 'vitest';
import type { ClientStream, StreamHandlers } from '../../engine/contract/index.ts';
import { DisplayChannel } from './channel.ts';

function fake() {
  const sent: Uint8Array[] = [];
  let consumed = 0;
  let handlers: StreamHandlers<'display'> | null = null;
  let end: (value: Record<string, never>) => void = () => {};
  const stream = {
    opened: { guestId: 'a' },
    write: (bytes: Uint8Array) => sent.push(bytes),
    consumed: (bytes: number) => {
      consumed += bytes;
    },
    close: () => {},
    ended: new Promise((resolve) => {
      end = resolve;
    }),
  } as unknown as ClientStream<'display'>;
  const open = async (_kind: 'display', _args: unknown, given: StreamHandlers<'display'>) => {
    handlers = given;
    return stream;
  };
  return {
    sent,
    open,
    end: () => end({}),
    data: (bytes: Uint8Array) => handlers?.onData(bytes, stream),
    consumed: () => consumed,
  };
}

it('carries a display stream as noVNC expects a WebSocket to', async () => {
  const of = fake();
  const ends: unknown[] = [];
  const channel = await DisplayChannel.open(of.open, 'a', (error) => ends.push(error));
  expect(channel.readyState).toBe('open');
  for (const name of ['send', 'close', 'binaryType', 'onerror', 'onmessage', 'onopen', 'protocol', 'readyState']) {
    expect([...Object.keys(channel), ...Object.getOwnPropertyNames(Object.getPrototypeOf(channel))]).toContain(name);
  }

  // What comes before noVNC listens is kept, and is consumed only when it was read.
  of.data(new TextEncoder().encode('RFB 003.008\n'));
  expect(of.consumed()).toBe(0);
  const got: string[] = [];
  channel.onmessage = ({ data }) => got.push(new TextDecoder().decode(data));
  channel.flush();
  of.data(new Uint8Array([0, 65, 66, 0]).subarray(1, 3));
  expect(got).toEqual(['RFB 003.008\n', 'AB']);
  expect(of.consumed()).toBe(14);

  // noVNC reuses its memory after send.
  const lent = new Uint8Array([1, 2]);
  channel.send(lent);
  lent.fill(9);
  expect([...(of.sent[0] as Uint8Array)]).toEqual([1, 2]);

  let closed = 0;
  channel.onclose = () => {
    closed += 1;
  };
  of.end();
  await new Promise((done) => setTimeout(done, 0));
  expect([ends, closed, channel.readyState]).toEqual([[null], 1, 'closed']);
});
