/**
 * The contract over any carrier: takes messages of one client, checks them at the edge, and answers. Knows nothing of
 * sockets, windows or guests.
 */
import { isTopic, type Schemas, schemas, takesNothing } from '../engine/api/edge.ts';
import { sayOnce } from '../engine/contract/alike.ts';
import type { StateEvent, StreamKind } from '../engine/contract/api.ts';
import { GuesthouseError, toErrorShape } from '../engine/contract/errors.ts';
import { createPacker } from '../engine/contract/frame.ts';
import type { SampleFrame } from '../engine/contract/metrics.ts';
import type { Asker } from '../engine/contract/operation.ts';
import { type Carrier, type ClientMessage, INITIAL_CREDIT, WIRE_VERSION } from '../engine/contract/wire.ts';
import type { Engine, StreamSink, StreamSource } from '../engine/index.ts';

/** More than any window needs; a client that leaks ids is stopped before it hurts (open streams and subscriptions). */
const MAX_OPEN = 1024;

/**
 * Serves one client until its link closes. Answers the function that ends it from this side. `user`: whose it is, where
 * it cannot say so itself, as a page in a browser cannot.
 */
export function serveClient(engine: Engine, carrier: Carrier, user?: string): () => void {
  let asker: Asker = askerOf({ by: 'window' }, user);
  const subscriptions = new Map<number, () => void>();
  const streams = new Map<number, { kind: StreamKind; source: StreamSource }>();
  /** Ids whose stream is still being opened; `close` may come first. */
  const opening = new Set<number>();
  let live = true;
  /** Loaded by the time a stream is open. */
  let loaded: Schemas | null = null;

  const fail = (id: number, error: unknown) => {
    if (live) carrier.sendMessage({ t: 'error', id, error: toErrorShape(error) });
  };
  const unknown = (what: string, name: string) =>
    new GuesthouseError({
      code: 'invalid',
      message: `There is no ${what} named ${JSON.stringify(name)}.`,
      subject: what,
    });

  const call = async (id: number, method: string, args: unknown) => {
    try {
      if (takesNothing(method, args)) {
        const result = await engine.call(method, {}, asker);
        if (live) carrier.sendMessage({ t: 'result', id, result });
        return;
      }
      const { isCall, parseCall } = await schemas();
      if (!isCall(method)) throw unknown('call', method);
      const result = await engine.call(method, parseCall(method, args), asker);
      if (live) carrier.sendMessage({ t: 'result', id, result });
    } catch (error) {
      fail(id, error);
    }
  };

  const subscribe = (id: number, topic: string, args: unknown) => {
    try {
      if (!isTopic(topic, args)) throw unknown('topic', topic);
      if (subscriptions.size >= MAX_OPEN || subscriptions.has(id)) throw unknown('free subscription', String(id));
      const pack = topic === 'samples' ? createPacker() : null;
      const end = engine.subscribe(topic, {}, (event) => {
        if (!live) return;
        if (!pack) return carrier.sendMessage({ t: 'event', id, event: isSnapshot(event) ? sayOnce(event) : event });
        const { who, figures } = pack(event as SampleFrame);
        if (who) carrier.sendMessage({ t: 'event', id, event: who });
        carrier.sendBytes(id, figures);
      });
      subscriptions.set(id, end);
    } catch (error) {
      fail(id, error);
    }
  };

  const open = async (id: number, kind: string, args: unknown) => {
    try {
      if (streams.size + opening.size >= MAX_OPEN || streams.has(id) || opening.has(id))
        throw unknown('free stream', String(id));
      opening.add(id);
      loaded = await schemas();
      if (!loaded.isStream(kind)) throw unknown('stream', kind);
      const sink: StreamSink = {
        bytes: (bytes) => carrier.sendBytes(id, bytes),
        control: (message) => carrier.sendMessage({ t: 'control', id, message }),
        credit: (bytes) => carrier.sendMessage({ t: 'credit', id, bytes }),
        end: (result) => {
          streams.delete(id);
          if (live) carrier.sendMessage({ t: 'end', id, ...result });
        },
      };
      const source = await engine.open(kind, loaded.parseStream(kind, args), sink, asker);
      if (!live || !opening.delete(id)) return source.close();
      streams.set(id, { kind, source: source as unknown as StreamSource });
      carrier.sendMessage({ t: 'opened', id, info: source.opened });
      source.grant(INITIAL_CREDIT);
    } catch (error) {
      opening.delete(id);
      fail(id, error);
    }
  };

  const close = (id: number) => {
    opening.delete(id);
    subscriptions.get(id)?.();
    subscriptions.delete(id);
    streams.get(id)?.source.close();
    streams.delete(id);
  };

  /** A stream that misbehaves is ended; the link and everything else on it goes on. */
  const onStream = (id: number, act: (stream: { kind: StreamKind; source: StreamSource }) => void) => {
    const stream = streams.get(id);
    if (!stream) return;
    try {
      act(stream);
    } catch (error) {
      close(id);
      if (live) carrier.sendMessage({ t: 'end', id, error: toErrorShape(error) });
    }
  };

  carrier.onMessage = (raw) => {
    const message = readMessage(raw);
    if (message === null) return carrier.close();
    switch (message.t) {
      case 'hello':
        if (message.version !== WIRE_VERSION) carrier.close();
        else asker = askerOf(message.asker, user);
        break;
      case 'call':
        void call(message.id, String(message.method), message.args);
        break;
      case 'subscribe':
        subscribe(message.id, String(message.topic), message.args);
        break;
      case 'open':
        void open(message.id, String(message.kind), message.args);
        break;
      case 'close':
        close(message.id);
        break;
      case 'credit':
        onStream(message.id, ({ source }) => {
          if (Number.isSafeInteger(message.bytes) && message.bytes > 0) source.grant(message.bytes);
        });
        break;
      case 'control':
        onStream(message.id, ({ kind, source }) =>
          source.control(loaded?.parseControl(kind, message.message) as never),
        );
        break;
    }
  };
  carrier.onBytes = (id, bytes) => onStream(id, ({ source }) => source.bytes(bytes));

  const end = () => {
    if (!live) return;
    live = false;
    for (const stop of subscriptions.values()) stop();
    for (const { source } of streams.values()) source.close();
    subscriptions.clear();
    streams.clear();
    opening.clear();
  };
  carrier.onClose = end;
  carrier.sendMessage({ t: 'hello', version: WIRE_VERSION });
  return () => {
    end();
    carrier.close();
  };
}

function isSnapshot(event: unknown): event is Extract<StateEvent, { type: 'snapshot' }> {
  return (event as { type?: unknown }).type === 'snapshot';
}

/** Longer names of users are cut (characters). */
const MAX_NAME = 64;

/** What a client says of itself, taken for no more than that: only a kind of client, and a name. */
function askerOf(said: unknown, user: string | undefined): Asker {
  const { by, user: own } = (typeof said === 'object' && said !== null ? said : {}) as { by?: unknown; user?: unknown };
  const kind = by === 'cli' || by === 'compose' ? by : 'window';
  const name = typeof own === 'string' && own !== '' ? own.slice(0, MAX_NAME) : user;
  return name === undefined ? { by: kind } : { by: kind, user: name };
}

/** null: not one of ours; such a peer is hung up on. */
function readMessage(raw: unknown): ClientMessage | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const message = raw as { t?: unknown; id?: unknown };
  if (message.t === 'hello') return raw as ClientMessage;
  if (typeof message.t !== 'string' || !Number.isSafeInteger(message.id)) return null;
  return raw as ClientMessage;
}
