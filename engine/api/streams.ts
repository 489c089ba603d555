/** Byte streams as the engine offers them to any carrier: console sessions, screens, logs and copies. */
import type { EngineStreams, OutputMark, StreamKind } from '../contract/api.ts';
import { type ErrorShape, GuesthouseError, toErrorShape } from '../contract/errors.ts';
import { INITIAL_CREDIT } from '../contract/wire.ts';
import type { LogPiece } from '../drivers/reach.ts';
import type { Guests } from '../guests/guests.ts';
import type { Operations } from '../guests/operations.ts';
import { assertAllowed } from '../guests/state.ts';
import type { Paths } from '../host/paths.ts';
import type { ImageStore } from '../images/store.ts';
import { createOutlet } from '../streams/credit.ts';
import type { Sessions } from '../streams/sessions.ts';
import { openCopyIn, openCopyOut } from './copy-streams.ts';
import { openOperation } from './operation-stream.ts';
import { openScreenshot } from './screen.ts';
import { sending } from './sending.ts';

/** Towards whoever opened the stream. */
export interface StreamSink {
  bytes(bytes: Uint8Array): void;
  control(message: unknown): void;
  /** The engine consumed this much of the opener's bytes. */
  credit(bytes: number): void;
  /** Called once; nothing comes after it. */
  end(result: { info: unknown } | { error: ErrorShape }): void;
}

/** From whoever opened it. Nothing is sent to the sink before the first `grant`, which is `INITIAL_CREDIT`. */
export interface StreamSource<K extends StreamKind = StreamKind> {
  readonly opened: EngineStreams[K]['opened'];
  bytes(bytes: Uint8Array): void;
  control(message: EngineStreams[K]['control']): void;
  grant(bytes: number): void;
  close(): void;
}

export interface StreamContext {
  readonly paths: Paths;
  readonly images: ImageStore;
  readonly guests: Guests;
  readonly operations: Operations;
  readonly sessions: Sessions;
}

export async function openStream<K extends StreamKind>(
  kind: K,
  args: EngineStreams[K]['args'],
  sink: StreamSink,
  context: StreamContext,
): Promise<StreamSource<K>> {
  switch (kind) {
    case 'console':
      return openConsole(args as EngineStreams['console']['args'], sink, context) as unknown as StreamSource<K>;
    case 'display':
      return (await openDisplay(
        (args as EngineStreams['display']['args']).guest,
        sink,
        context,
      )) as unknown as StreamSource<K>;
    case 'sound': {
      const { openSound } = await import('./sound.ts');
      return (await openSound(args as EngineStreams['sound']['args'], sink, context)) as unknown as StreamSource<K>;
    }
    case 'screenshot':
      return (await openScreenshot(
        args as EngineStreams['screenshot']['args'],
        sink,
        context,
      )) as unknown as StreamSource<K>;
    case 'snapshot-picture': {
      const { openSnapshotPicture } = await import('./snapshot-picture.ts');
      return (await openSnapshotPicture(
        args as EngineStreams['snapshot-picture']['args'],
        sink,
        context,
      )) as unknown as StreamSource<K>;
    }
    case 'logs':
      return openLogs(args as EngineStreams['logs']['args'], sink, context) as unknown as StreamSource<K>;
    case 'copy-out':
      return (await openCopyOut(
        args as EngineStreams['copy-out']['args'],
        sink,
        context,
      )) as unknown as StreamSource<K>;
    case 'copy-in':
      return (await openCopyIn(args as EngineStreams['copy-in']['args'], sink, context)) as unknown as StreamSource<K>;
    case 'receive': {
      const { openReceive } = await import('./receive.ts');
      return (await openReceive(args as EngineStreams['receive']['args'], sink, context)) as unknown as StreamSource<K>;
    }
    case 'operation':
      return openOperation(
        args as EngineStreams['operation']['args'],
        sink,
        context.operations,
      ) as unknown as StreamSource<K>;
    default:
      throw new GuesthouseError({ code: 'invalid', message: 'There is no such stream.', subject: kind });
  }
}

function openConsole(
  args: EngineStreams['console']['args'],
  sink: StreamSink,
  { guests, sessions }: StreamContext,
): StreamSource<'console'> {
  const id = args.session ?? mainSession(args.guest, guests, sessions);
  const { session, watch } = sessions.watch(
    id,
    {
      send: (bytes) => sink.bytes(bytes),
      control: (mark) => sink.control(mark),
      credit: (bytes) => sink.credit(bytes),
      end: (exitCode) => sink.end({ info: { exitCode } }),
    },
    { tailBytes: args.tailBytes, hold: args.hold },
  );
  return {
    opened: session,
    bytes: (bytes) => watch.input(bytes),
    control: (message) => watch.control(message),
    grant: (bytes) => watch.grant(bytes),
    close: () => watch.close(),
  };
}

function mainSession(ref: string | undefined, guests: Guests, sessions: Sessions): string {
  if (ref === undefined) {
    throw new GuesthouseError({
      code: 'invalid',
      message: 'A console needs a session or a guest.',
      subject: 'session',
    });
  }
  const { manifest } = guests.entry(ref);
  const found = sessions.list(manifest.id).find((session) => session.kind !== 'exec');
  if (found) return found.id;
  throw new GuesthouseError({
    code: 'wrong-state',
    message: `${manifest.spec.name} has no console: it is not running.`,
    subject: manifest.spec.name,
    hint: 'Start it first; what it wrote so far is in its log.',
  });
}

async function openDisplay(ref: string, sink: StreamSink, { guests }: StreamContext): Promise<StreamSource<'display'>> {
  const entry = guests.entry(ref);
  const { name } = entry.manifest.spec;
  if (entry.state !== 'paused') assertAllowed('exec', { name, state: entry.state });
  const socket = await entry.driver.display(entry.manifest);
  const outlet = createOutlet((bytes) => sink.bytes(bytes), { onDrain: () => socket.resume() });
  let over = false;
  const end = (result: { info: unknown } | { error: ErrorShape }) => {
    if (over) return;
    over = true;
    outlet.after(() => {
      outlet.close();
      sink.end(result);
    });
  };
  socket.on('data', (chunk: Buffer) => {
    if (outlet.push(new Uint8Array(chunk)) > 0) socket.pause();
  });
  socket.on('error', (error) => end({ error: toErrorShape(error) }));
  socket.on('close', () => end({ info: {} }));
  return {
    opened: { guestId: entry.manifest.id },
    bytes: (bytes) => {
      // The screen's socket is local and quick; credit goes back as soon as it took the bytes.
      socket.write(bytes, () => {
        if (!over) sink.credit(bytes.length);
      });
    },
    control: () => {},
    grant: (bytes) => outlet.grant(bytes),
    close: () => {
      over = true;
      outlet.close();
      socket.destroy();
    },
  };
}

function openLogs(
  args: EngineStreams['logs']['args'],
  sink: StreamSink,
  { guests }: StreamContext,
): StreamSource<'logs'> {
  const entry = guests.entry(args.guest);
  const abort = new AbortController();
  const outlet = createOutlet((bytes) => sink.bytes(bytes));
  const source = entry.driver.log(entry.manifest, {
    follow: args.follow ?? false,
    tailLines: args.tailLines ?? null,
    timestamps: args.timestamps ?? false,
    ...(args.sinceMs === undefined ? {} : { sinceMs: args.sinceMs }),
    ...(args.untilMs === undefined ? {} : { untilMs: args.untilMs }),
    signal: abort.signal,
  });
  let channel: LogPiece['channel'] = 'stdout';
  const pump = async () => {
    try {
      for await (const piece of source) {
        if (abort.signal.aborted) return;
        if (piece.channel !== channel) {
          channel = piece.channel;
          const mark: OutputMark = { type: 'output', channel };
          outlet.after(() => sink.control(mark));
        }
        if (outlet.push(piece.bytes) > INITIAL_CREDIT) await outlet.drained();
      }
      if (abort.signal.aborted) return;
      outlet.after(() => sink.end({ info: { exitCode: entry.manifest.exit?.code ?? null } }));
    } catch (error) {
      if (!abort.signal.aborted) sink.end({ error: toErrorShape(error) });
    }
  };
  return sending({ guestId: entry.manifest.id }, outlet, abort, pump);
}
