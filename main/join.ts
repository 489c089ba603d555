/** Finds the engine of a home: joins its owner over `engine.sock`, or becomes the owner. */
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Client, createClient } from '../engine/contract/client.ts';
import { GuesthouseError } from '../engine/contract/errors.ts';
import type { Asker } from '../engine/contract/operation.ts';
import type { Carrier, ClientMessage } from '../engine/contract/wire.ts';
import type { Paths } from '../engine/host/paths.ts';
import { userName } from '../engine/host/user-name.ts';
import type { Engine } from '../engine/index.ts';
import { leaveKeeper } from './keeper.ts';
import { hasKeeper } from './keeper-lock.ts';
import { carrierPair } from './pair.ts';
import { socketCarrier } from './socket.ts';
import { untilServed, type Visitor, watchVisitor } from './visitor.ts';

/** How long an owner that has the lock may take until its socket answers (ms). */
const OWNER_DEADLINE_MS = 10_000;
const RETRY_MS = 50;
/** How long a keeper that is starting is waited for (ms). */
const KEEPER_DEADLINE_MS = 3_000;
/** How long a window or a long command that ends goes on serving others (ms). */
const PARTING_MS = 3_000;
/** An owner greets at once; one that is stopped never does (ms). */
const HELLO_DEADLINE_MS = 5_000;

export interface Joined {
  readonly client: Client;
  /** Serves one more client over the carrier, by this engine or by handing everything on to its owner. */
  accept(carrier: Carrier): () => void;
  /** The engine itself, when this process owns it. */
  readonly engine: Engine | null;
  /** Lets go of everything; guests go on. */
  close(): Promise<void>;
}

export interface JoinOptions {
  readonly paths: Paths;
  /** Whether, as an owner, to measure and keep history in the background (a window does, a short command does not). */
  readonly background: boolean;
  /** As in EngineOptions. */
  readonly soon?: { readonly network: boolean } | undefined;
  /** It is itself what is left behind for guests that need somebody, see keeper.ts. */
  readonly keeper?: boolean;
  /** Who asks through the client that is answered. Left out: a command line. */
  readonly by?: 'cli' | 'compose';
}

/** What the owner of a home has. */
export interface Owned extends Joined {
  readonly engine: Engine;
  /** How many other processes are joined to it now. */
  visitors(): number;
}

/** Joins the owner, or becomes it. Throws `timeout` when an owner has the lock but does not answer. */
export async function connectOrOpen(options: JoinOptions): Promise<Joined> {
  const deadline = performance.now() + OWNER_DEADLINE_MS;
  const keeperDeadline = performance.now() + KEEPER_DEADLINE_MS;
  for (;;) {
    const client = await join(options.paths, options.by);
    if (client) {
      return {
        client,
        engine: null,
        accept: (carrier) => handOn(carrier, options.paths),
        close: async () => client.close(),
      };
    }
    // One that was left for the guests comes first, or a script of many short commands would keep it out for ever.
    const waits = performance.now() < keeperDeadline && hasKeeper(options.paths);
    const own = waits ? null : await open(options);
    if (own) return own;
    if (performance.now() > deadline) {
      throw new GuesthouseError({
        code: 'timeout',
        message: 'Another Guesthouse owns this home but does not answer.',
        subject: options.paths.home,
        hint: 'End that process, or set GUESTHOUSE_HOME to another folder.',
      });
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/**
 * A client of the owner, or null when nobody answers on the socket. Being connected is not enough: an owner that is
 * about to leave never looks at it.
 */
export function join(paths: Paths, by: Asker['by'] = 'cli'): Promise<Client | null> {
  return new Promise((resolve) => {
    const carrier = socketCarrier(connect(paths.engineSocket));
    const timer = setTimeout(() => {
      resolve(null);
      carrier.close();
    }, HELLO_DEADLINE_MS);
    carrier.onClose = () => {
      clearTimeout(timer);
      resolve(null);
    };
    carrier.onMessage = (hello) => {
      clearTimeout(timer);
      const client = createClient(carrier, { by, user: userName() });
      carrier.onMessage(hello);
      resolve(client);
    };
  });
}

/** Joins a window of ours to the owner's socket, message by message; either end closing closes the other. */
function handOn(carrier: Carrier, paths: Paths): () => void {
  const owner = socketCarrier(connect(paths.engineSocket));
  const link = (from: Carrier, to: Carrier) => {
    from.onMessage = (message) =>
      to.sendMessage(from === carrier ? named(message as ClientMessage) : (message as never));
    from.onBytes = (id, bytes) => to.sendBytes(id, bytes);
    from.onClose = () => to.close();
  };
  link(carrier, owner);
  link(owner, carrier);
  return () => {
    owner.close();
    carrier.close();
  };
}

/** The owner does not know whose window it is; this process does. */
function named(message: ClientMessage): ClientMessage {
  if (message?.t !== 'hello') return message;
  return { ...message, asker: { by: 'window', user: userName() } };
}

/** Becomes the owner, or answers null when somebody else is. */
export async function open({
  paths,
  background,
  soon,
  keeper = false,
  by = 'cli',
}: JoinOptions): Promise<Owned | null> {
  // Loaded only now: most commands join an owner and need none of it.
  const [{ openEngine }, { serveClient }] = await Promise.all([import('../engine/index.ts'), import('./bridge.ts')]);
  const engine = await openEngine({ paths, background, soon });
  if (!engine) return null;
  const visitors = new Set<Visitor>();
  const server = await listen(paths, (socket) => {
    const visitor = watchVisitor(socketCarrier(socket));
    visitors.add(visitor);
    socket.on('close', () => visitors.delete(visitor));
    serveClient(engine, visitor.carrier);
  });
  const [near, far] = carrierPair();
  serveClient(engine, far);
  const client = createClient(near, { by, user: userName() });
  return {
    client,
    engine,
    accept: (carrier) => serveClient(engine, carrier, userName()),
    visitors: () => visitors.size,
    close: async () => {
      client.close();
      // Commands that ran at the same time joined this one; what they asked for is finished first. A window cannot
      // wait for as long as somebody's shell is open.
      await untilServed(visitors, background ? PARTING_MS : Number.POSITIVE_INFINITY);
      server.close();
      rmSync(paths.engineSocket, { force: true });
      const isNeeded = !keeper && engine.kept().length > 0;
      await engine.close();
      if (isNeeded) leaveKeeper(paths);
    },
  };
}

/** Only the owner comes here, so a socket file that is in the way belongs to nobody. */
function listen(paths: Paths, onClient: (socket: Socket) => void): Promise<Server> {
  rmSync(paths.engineSocket, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onClient(socket);
  });
  const close = server.close.bind(server);
  server.close = (done) => {
    for (const socket of sockets) socket.destroy();
    return close(done);
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(paths.engineSocket, () => {
      chmodSync(paths.engineSocket, 0o600);
      resolve(server);
    });
  });
}
