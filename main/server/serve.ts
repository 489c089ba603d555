/** The same window in a browser: loopback only, behind a token. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { GuesthouseError } from '../../engine/contract/errors.ts';
import { type Carrier, FIRST_MESSAGES, MAX_MESSAGE } from '../../engine/contract/wire.ts';
import { cookieName, judge, matches, type Verdict, windowPath } from './auth.ts';
import { loadStatic } from './static.ts';
import { webSocketCarrier } from './websocket.ts';

export interface ServeOptions {
  /** Serves one window; answers the function that ends it. */
  readonly accept: (carrier: Carrier) => () => void;
  /** Folder for the token file. */
  readonly home: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface Served {
  /** Address with the token; whoever has it is the user. */
  readonly url: string;
  /** The same for one opening only: for a browser's command line, which every user of the host can read. */
  readonly launchUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

/** The built window. */
const WINDOW_FOLDER = fileURLToPath(new URL('../../dist/renderer', import.meta.url));

/** Nothing from elsewhere, no inline script; styles are inline in places (xterm). */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const REFUSALS: Record<Exclude<Verdict, 'ok'>, string> = {
  'foreign-host': 'Guesthouse answers only to the address it printed.',
  'foreign-origin': 'Guesthouse answers only to its own window.',
  'no-token': 'This window needs the address with the token that `guesthouse serve` printed. Open that one.',
};

/** Starts serving. Throws `conflict` when the port is taken, `wrong-state` when the window was not built. */
export async function serve({ accept, home, port }: ServeOptions): Promise<Served> {
  if (!existsSync(join(WINDOW_FOLDER, 'index.html'))) {
    throw new GuesthouseError({
      code: 'wrong-state',
      message: 'The window is not built yet.',
      hint: 'Run `npm run setup` in the project folder once.',
    });
  }
  const files = loadStatic(WINDOW_FOLDER);
  const token = keptToken(home);
  const base = windowPath(token);
  let launchCode: string | null = randomBytes(32).toString('hex');
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  const ends = new Set<() => void>();
  const server = createServer((request, response) => answer(request, response));
  server.headersTimeout = 10_000;

  const door = () => ({ port: (server.address() as AddressInfo).port, token });

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = URL.parse(request.url ?? '/', 'http://window'); // `//` is no address, and anybody can send it
    if (url === null) return refuse(response, 400, 'The address was not understood.');
    const { port: own } = door();
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'Only GET is answered here.');
    // The printed address: its token becomes a cookie that no script can read and no other site can send.
    const launched = launchCode !== null && matches(url.searchParams.get('launch'), launchCode);
    if (launched) launchCode = null;
    const fresh = launched || matches(url.searchParams.get('token'), token);
    const headers = fresh ? { ...request.headers, cookie: `${cookieName(own)}=${token}` } : request.headers;
    const verdict = judge(headers, door(), 'page');
    if (verdict !== 'ok') return refuse(response, verdict === 'no-token' ? 401 : 403, REFUSALS[verdict]);
    if (fresh) {
      response.writeHead(303, {
        ...HEADERS,
        location: base,
        'cache-control': 'no-store',
        'set-cookie': `${cookieName(own)}=${token}; HttpOnly; SameSite=Strict; Path=${base}; Max-Age=31536000`,
      });
      return response.end();
    }
    const file = url.pathname.startsWith(base) ? files.get(url.pathname.slice(base.length - 1)) : undefined;
    if (!file) return refuse(response, 404, 'There is no such page.');
    response.writeHead(200, {
      ...HEADERS,
      'content-type': file.type,
      'content-length': file.body.length,
      'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache',
    });
    return response.end(request.method === 'HEAD' ? undefined : file.body);
  };

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    const url = URL.parse(request.url ?? '/', 'http://window');
    const verdict = url?.pathname === `${base}bridge` ? judge(request.headers, door(), 'upgrade') : 'foreign-origin';
    if (verdict !== 'ok') {
      const status = verdict === 'no-token' ? '401 Unauthorized' : '403 Forbidden';
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const carrier = webSocketCarrier(webSocket);
      const end = accept(carrier);
      ends.add(end);
      for (const message of firstMessages(url)) carrier.onMessage(message);
      webSocket.on('close', () => ends.delete(end));
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  });
  const own = door().port;
  return {
    url: `http://127.0.0.1:${own}/?token=${token}`,
    launchUrl: `http://127.0.0.1:${own}/?launch=${launchCode}`,
    port: own,
    close: () =>
      new Promise((resolve) => {
        for (const end of ends) end();
        for (const webSocket of sockets.clients) webSocket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a client said in the address; anything but a list is nothing. */
function firstMessages(url: URL | null): readonly unknown[] {
  try {
    const said: unknown = JSON.parse(url?.searchParams.get(FIRST_MESSAGES) ?? '[]');
    return Array.isArray(said) ? said : [];
  } catch {
    return [];
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}

/** Kept in the home, so that an open window finds its way back after a restart. */
function keptToken(home: string): string {
  const path = join(home, 'token');
  try {
    const kept = readFileSync(path, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(kept)) return kept;
  } catch {
    // first time
  }
  const token = randomBytes(32).toString('hex');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}

function listenError(error: NodeJS.ErrnoException, port: number): GuesthouseError {
  if (error.code === 'EADDRINUSE') {
    return new GuesthouseError({
      code: 'conflict',
      message: `Port ${port} is in use by another program.`,
      subject: String(port),
      hint: 'Choose another with --port, or leave it out to have one chosen.',
    });
  }
  return new GuesthouseError({
    code: 'denied',
    message: `The window cannot be served on port ${port}.`,
    subject: String(port),
    cause: error.message,
    hint: 'Choose a port from 1024 on.',
  });
}
