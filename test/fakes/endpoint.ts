/** A console endpoint whose program does whatever a test wants, hostile things included. */
import type { ConsoleEndpoint } from '../../engine/drivers/driver.ts';

export interface FakeEndpoint extends ConsoleEndpoint {
  /** The program writes; what it writes while paused is only counted as the fault of whoever calls. */
  emit(bytes: Uint8Array | string, channel?: 'stdout' | 'stderr'): void;
  finish(exitCode: number | null): void;
  /** Writes synthetic bytes whenever not paused, at most `totalBytes`, in chunks; resolves when all was written. */
  flood(totalBytes: number, chunkBytes: number): Promise<void>;
  readonly paused: boolean;
  readonly detached: boolean;
  readonly received: Uint8Array[];
  readonly sizes: { columns: number; rows: number }[];
  inputEnded: boolean;
  /** True: `write` answers false until `read()`. */
  blockInput: boolean;
  /** The program reads its input again. */
  read(): void;
}

export interface FakeEndpointOptions {
  readonly id?: string;
  readonly guestId?: string;
  readonly kind?: 'main' | 'serial' | 'exec';
  readonly tty?: boolean;
  readonly awaited?: boolean;
  readonly history?: Uint8Array | Promise<Uint8Array>;
}

export function fakeEndpoint(options: FakeEndpointOptions = {}): FakeEndpoint {
  let handlers: Parameters<ConsoleEndpoint['start']>[0] | null = null;
  let paused = false;
  const wakes: (() => void)[] = [];
  const drains: (() => void)[] = [];
  const received: Uint8Array[] = [];
  const sizes: { columns: number; rows: number }[] = [];
  const guestId = options.guestId ?? '0123456789ab';
  const endpoint: FakeEndpoint = {
    id: options.id ?? `${guestId}:main`,
    guestId,
    kind: options.kind ?? 'main',
    title: 'main',
    tty: options.tty ?? true,
    startedAt: 0,
    awaited: options.awaited ?? false,
    received,
    sizes,
    inputEnded: false,
    blockInput: false,
    get paused() {
      return paused;
    },
    detached: false,
    history: async () => [{ bytes: (await options.history) ?? new Uint8Array(0), channel: 'stdout' }],
    async start(given) {
      handlers = given;
    },
    write(bytes) {
      received.push(bytes);
      return !endpoint.blockInput;
    },
    drained: () => (endpoint.blockInput ? new Promise<void>((done) => drains.push(done)) : Promise.resolve()),
    read() {
      endpoint.blockInput = false;
      for (const done of drains.splice(0)) done();
    },
    endInput() {
      endpoint.inputEnded = true;
    },
    resize(columns, rows) {
      sizes.push({ columns, rows });
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      for (const wake of wakes.splice(0)) wake();
    },
    detach() {
      Object.assign(endpoint, { detached: true });
      handlers = null;
    },
    emit(bytes, channel = 'stdout') {
      handlers?.onData(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, channel);
    },
    finish(exitCode) {
      handlers?.onEnd(exitCode);
    },
    async flood(totalBytes, chunkBytes) {
      const chunk = new Uint8Array(chunkBytes).map((_, index) => (index % 80 === 79 ? 10 : 97 + (index % 26)));
      for (let sent = 0, turn = 0; sent < totalBytes; sent += chunkBytes) {
        if (paused) await new Promise<void>((wake) => wakes.push(wake));
        handlers?.onData(chunk, 'stdout');
        // As a socket would: several chunks in one turn of the event loop.
        if (++turn % 4 === 0) await new Promise((next) => setImmediate(next));
      }
    },
  };
  return endpoint;
}

/** A watcher that keeps everything. */
export function recorder() {
  const events: ({ bytes: Uint8Array } | { mark: object } | { end: number | null })[] = [];
  let credit = 0;
  return {
    events,
    get inputCredit() {
      return credit;
    },
    /** Bytes since the last replay mark. */
    text(): string {
      const from = events.findLastIndex((event) => 'mark' in event && 'bytes' in event.mark);
      const chunks = events.slice(from + 1).flatMap((event) => ('bytes' in event ? [Buffer.from(event.bytes)] : []));
      return Buffer.concat(chunks).toString('latin1');
    },
    bytes: () => events.reduce((sum, event) => sum + ('bytes' in event ? event.bytes.length : 0), 0),
    replays: () => events.filter((event) => 'mark' in event && 'bytes' in event.mark).length,
    watcher: {
      send: (bytes: Uint8Array) => void events.push({ bytes }),
      control: (mark: object) => void events.push({ mark }),
      credit: (bytes: number) => {
        credit += bytes;
      },
      end: (code: number | null) => void events.push({ end: code }),
    },
  };
}
