/**
 * The contract as seen by whoever uses it: typed calls, subscriptions and byte streams over any `Carrier`.
 * Used by the window and by the CLI alike.
 */
import { type AlikeSnapshot, sayEach } from './alike.ts';
import type {
  CallArgs,
  CallName,
  CallResult,
  ConsoleMark,
  EngineStreams,
  EngineTopics,
  StreamKind,
  TopicName,
} from './api.ts';
import { type ErrorShape, GuesthouseError } from './errors.ts';
import { createUnpacker, type UnpackedFrame, type Who } from './frame.ts';
import type { Asker } from './operation.ts';
import { type Carrier, INITIAL_CREDIT, MAX_CHUNK, type ServerMessage, WIRE_VERSION } from './wire.ts';

/** A byte stream to the engine. */
export interface ClientStream<K extends StreamKind> {
  readonly opened: EngineStreams[K]['opened'];
  /**
   * Queues bytes for the engine and returns how many wait for credit. Whoever sends much waits for `drained`.
   */
  write(bytes: Uint8Array): number;
  /** Resolves when no byte of ours waits for credit. */
  drained(): Promise<void>;
  control(message: EngineStreams[K]['control']): void;
  /** Ours to give: call it with the bytes consumed, or nothing more arrives after `INITIAL_CREDIT`. */
  consumed(bytes: number): void;
  close(): void;
  /** Resolves with the end's information, rejects with a GuesthouseError when it broke. */
  readonly ended: Promise<EngineStreams[K]['end']>;
}

export interface StreamHandlers<K extends StreamKind> {
  /** `stream` comes along because the first bytes may arrive before whoever awaits `open` goes on. */
  onData(bytes: Uint8Array, stream: ClientStream<K>): void;
  onControl?(message: ConsoleMark): void;
}

/** What a client hears of a topic: figures stay packed until somebody asks for one. */
export type Heard<T extends TopicName> = T extends 'samples' ? UnpackedFrame : EngineTopics[T]['event'];

/** The part of an AbortSignal used here; this folder knows neither the DOM nor Node. */
export interface Cancel {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
}

export interface Client {
  call<N extends CallName>(method: N, args: CallArgs<N>, options?: { signal?: Cancel }): Promise<CallResult<N>>;
  /** Returns the function that ends it. `onEnd` is called if the link or the engine ends it first. */
  subscribe<T extends TopicName>(
    topic: T,
    args: EngineTopics[T]['args'],
    onEvent: (event: Heard<T>) => void,
    onEnd?: (error: ErrorShape | null) => void,
  ): () => void;
  open<K extends StreamKind>(
    kind: K,
    args: EngineStreams[K]['args'],
    handlers: StreamHandlers<K>,
  ): Promise<ClientStream<K>>;
  /** Resolves when the link is gone, with the reason. */
  readonly closed: Promise<string>;
  close(): void;
}

interface Pending {
  onResult?: (result: unknown) => void;
  onError: (error: ErrorShape) => void;
  onEvent?: (event: unknown) => void;
  onOpened?: (info: unknown) => void;
  onEnd?: (info: unknown) => void;
  onBytes?: (bytes: Uint8Array) => void;
  onControl?: (message: unknown) => void;
  onCredit?: (bytes: number) => void;
}

const whole = (event: unknown) =>
  (event as { type?: unknown }).type === 'snapshot' ? sayEach(event as AlikeSnapshot) : event;

const LINK_LOST: ErrorShape = {
  code: 'disconnected',
  message: 'The link to the engine was lost.',
  hint: 'The request may or may not have been carried out; look at the list before asking again.',
};

/** `asker`: who asks; told with what is asked for, and nothing else. */
export function createClient(carrier: Carrier, asker?: Asker): Client {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let open = true;
  let markClosed: (reason: string) => void;
  const closed = new Promise<string>((resolve) => {
    markClosed = resolve;
  });

  carrier.onMessage = (raw) => {
    const message = raw as ServerMessage;
    if (message.t === 'hello') {
      if (message.version !== WIRE_VERSION) carrier.close();
      return;
    }
    const entry = pending.get(message.id);
    if (!entry) return;
    switch (message.t) {
      case 'result':
        pending.delete(message.id);
        entry.onResult?.(message.result);
        break;
      case 'error':
        pending.delete(message.id);
        entry.onError(message.error);
        break;
      case 'event':
        entry.onEvent?.(message.event);
        break;
      case 'opened':
        entry.onOpened?.(message.info);
        break;
      case 'end':
        pending.delete(message.id);
        if (message.error) entry.onError(message.error);
        else entry.onEnd?.(message.info);
        break;
      case 'credit':
        entry.onCredit?.(message.bytes);
        break;
      case 'control':
        entry.onControl?.(message.message);
        break;
    }
  };
  carrier.onBytes = (id, bytes) => pending.get(id)?.onBytes?.(bytes);
  carrier.onClose = (reason) => {
    if (!open) return;
    open = false;
    const entries = [...pending.values()];
    pending.clear();
    for (const entry of entries) entry.onError({ ...LINK_LOST, cause: reason });
    markClosed(reason);
  };
  carrier.sendMessage({ t: 'hello', version: WIRE_VERSION, ...(asker ? { asker } : {}) });

  const begin = (entry: Pending): number => {
    if (!open) throw new GuesthouseError(LINK_LOST);
    const id = nextId++;
    pending.set(id, entry);
    return id;
  };
  /** The far side may still answer after we lost interest; unknown ids are ignored. */
  const end = (id: number) => {
    if (pending.delete(id) && open) carrier.sendMessage({ t: 'close', id });
  };

  return {
    closed,
    close: () => carrier.close(),

    call(method, args, options) {
      return new Promise((resolve, reject) => {
        if (options?.signal?.aborted) throw new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' });
        const id = begin({
          onResult: (result) => resolve(result as never),
          onError: (error) => reject(new GuesthouseError(error)),
        });
        options?.signal?.addEventListener(
          'abort',
          () => {
            end(id);
            reject(new GuesthouseError({ code: 'cancelled', message: 'Cancelled.' }));
          },
          { once: true },
        );
        carrier.sendMessage({ t: 'call', id, method, args });
      });
    },

    subscribe(topic, args, onEvent, onEnd) {
      const unpack = topic === 'samples' ? createUnpacker() : null;
      const id = begin({
        onEvent: (event) => (unpack ? unpack.who(event as Who) : onEvent(whole(event) as never)),
        onBytes: (bytes) => unpack && onEvent(unpack.frame(bytes) as never),
        onError: (error) => onEnd?.(error),
        onEnd: () => onEnd?.(null),
      });
      carrier.sendMessage({ t: 'subscribe', id, topic, args });
      return () => end(id);
    },

    open<K extends StreamKind>(kind: K, args: EngineStreams[K]['args'], handlers: StreamHandlers<K>) {
      return new Promise<ClientStream<K>>((resolve, reject) => {
        let credit = INITIAL_CREDIT;
        let waiting: Uint8Array[] = [];
        let waitingBytes = 0;
        let drains: (() => void)[] = [];
        let stream: ClientStream<K> | null = null;
        let markEnded: (info: never) => void;
        let markBroken: (error: GuesthouseError) => void;
        const ended = new Promise<never>((res, rej) => {
          markEnded = res;
          markBroken = rej;
        });
        ended.catch(() => {});

        const flush = () => {
          while (waiting.length > 0 && credit > 0) {
            const head = waiting[0] as Uint8Array;
            const size = Math.min(head.length, credit, MAX_CHUNK);
            carrier.sendBytes(id, head.subarray(0, size));
            credit -= size;
            waitingBytes -= size;
            if (size === head.length) waiting.shift();
            else waiting[0] = head.subarray(size);
          }
          if (waiting.length === 0) {
            for (const done of drains) done();
            drains = [];
          }
        };
        const settle = () => {
          waiting = [];
          waitingBytes = 0;
          flush();
        };

        const id = begin({
          onOpened: (info) => {
            stream = {
              opened: info as never,
              ended,
              write(bytes) {
                if (!pending.has(id)) return 0;
                waiting.push(bytes);
                waitingBytes += bytes.length;
                flush();
                return waitingBytes;
              },
              drained: () =>
                waiting.length === 0 ? Promise.resolve() : new Promise<void>((done) => drains.push(done)),
              control: (message) => {
                if (pending.has(id)) carrier.sendMessage({ t: 'control', id, message });
              },
              consumed: (bytes) => {
                if (bytes > 0 && pending.has(id)) carrier.sendMessage({ t: 'credit', id, bytes });
              },
              close: () => {
                end(id);
                settle();
                markBroken(new GuesthouseError({ code: 'cancelled', message: 'Closed here.' }));
              },
            };
            resolve(stream);
          },
          onBytes: (bytes) => {
            if (stream) handlers.onData(bytes, stream);
          },
          onControl: (message) => handlers.onControl?.(message as ConsoleMark),
          onCredit: (bytes) => {
            credit += bytes;
            flush();
          },
          onEnd: (info) => {
            settle();
            markEnded(info as never);
          },
          onError: (error) => {
            settle();
            if (stream) markBroken(new GuesthouseError(error));
            else reject(new GuesthouseError(error));
          },
        });
        carrier.sendMessage({ t: 'open', id, kind, args });
      });
    },
  };
}
