/**
 * The engine as the window sees it: one object that outlives every connection. It reconnects by itself, subscribes
 * again after each reconnect, and says how the link is.
 */
import {
  type CallArgs,
  type CallName,
  type CallResult,
  type Cancel,
  type Client,
  type ClientStream,
  createClient,
  type EngineStreams,
  type EngineTopics,
  GuesthouseError,
  type Heard,
  type StreamHandlers,
  type StreamKind,
  type TopicName,
} from '../../engine/contract/index.ts';
import type { Connection } from './connection.ts';

export type LinkState = 'connecting' | 'open' | 'lost';

/** How long a call made before the first connection waits for it (ms). */
const FIRST_CONNECTION_MS = 10_000;
/** Waits between attempts (ms): soon at first, because a restarted engine is back within a second. */
const RETRY_MS = [250, 500, 1000, 2000, 4000];
/** A subscription that the engine ended is asked for again after this (ms). */
const RESUBSCRIBE_MS = 500;

interface Subscription {
  begin(client: Client): void;
  stop: (() => void) | null;
}

export class Engine {
  /** `connecting` before the first connection, then `open` or `lost`. */
  link = $state<LinkState>('connecting');
  /** Why the link is lost, in the carrier's words. */
  lostReason = $state('');
  /** Rises by one with every connection made. */
  generation = $state(0);

  #connect: () => Connection;
  /** Of the connection there is. */
  #client: Client | null = null;
  /** Of the one that is being made. */
  #coming: Client | null = null;
  #subscriptions = new Set<Subscription>();
  #waiting = new Set<(client: Client | null) => void>();
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param connect begins a fresh connection. */
  constructor(connect: () => Connection) {
    this.#connect = connect;
  }

  start(): void {
    void this.#tryOnce();
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (this.link !== 'open') void this.#tryOnce();
  }

  async call<N extends CallName>(method: N, args: CallArgs<N>, options?: { signal?: Cancel }): Promise<CallResult<N>> {
    return (await this.#ready()).call(method, args, options);
  }

  /** Goes on over reconnects until the returned function is called. */
  subscribe<T extends TopicName>(
    topic: T,
    args: EngineTopics[T]['args'],
    onEvent: (event: Heard<T>) => void,
  ): () => void {
    let live = true;
    const subscription: Subscription = {
      stop: null,
      begin(client) {
        this.stop = client.subscribe(topic, args, onEvent, (error) => {
          this.stop = null;
          if (error?.code === 'disconnected') return;
          setTimeout(() => live && !this.stop && client === current() && this.begin(client), RESUBSCRIBE_MS);
        });
      },
    };
    const current = () => this.#client ?? this.#coming;
    this.#subscriptions.add(subscription);
    const client = current();
    if (client) subscription.begin(client);
    return () => {
      live = false;
      this.#subscriptions.delete(subscription);
      subscription.stop?.();
    };
  }

  async open<K extends StreamKind>(
    kind: K,
    args: EngineStreams[K]['args'],
    handlers: StreamHandlers<K>,
  ): Promise<ClientStream<K>> {
    return (await this.#ready()).open(kind, args, handlers);
  }

  #ready(): Promise<Client> {
    if (this.#client) return Promise.resolve(this.#client);
    const lost = () =>
      new GuesthouseError({
        code: 'disconnected',
        message: 'There is no link to the engine right now.',
        hint: 'It reconnects by itself; try again when the notice is gone.',
      });
    if (this.link === 'lost') return Promise.reject(lost());
    return new Promise((resolve, reject) => {
      const settle = (client: Client | null) => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        if (client) resolve(client);
        else reject(lost());
      };
      const timer = setTimeout(() => settle(null), FIRST_CONNECTION_MS);
      this.#waiting.add(settle);
    });
  }

  async #tryOnce(): Promise<void> {
    if (this.#client || this.#coming) return;
    if (this.#timer) clearTimeout(this.#timer);
    const { carrier, opened } = this.#connect();
    const client = createClient(carrier, { by: 'window' });
    this.#coming = client;
    for (const subscription of this.#subscriptions) subscription.begin(client);
    void client.closed.then((reason) => this.#lose(reason));
    // Why it did not open is told by its end.
    if (
      !(await opened.then(
        () => true,
        () => false,
      ))
    )
      return;
    this.#coming = null;
    this.#client = client;
    this.#attempt = 0;
    this.generation += 1;
    this.link = 'open';
    for (const settle of [...this.#waiting]) settle(client);
  }

  #lose(reason: string): void {
    this.#client = null;
    this.#coming = null;
    this.link = 'lost';
    this.lostReason = reason;
    const wait = RETRY_MS[Math.min(this.#attempt++, RETRY_MS.length - 1)];
    this.#timer = setTimeout(() => void this.#tryOnce(), wait);
  }
}
