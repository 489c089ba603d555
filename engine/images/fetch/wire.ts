/**
 * HTTP as registries and mirrors need it: no redirect is followed and no body decoded behind our back, each host has its own trusted
 * certificates, proxies are the machine's, and a connection on which nothing moves is given up.
 */
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { GuesthouseError } from '../../contract/errors.ts';
import { VERSION } from '../../host/version.ts';
import { trustedBy } from './certificates.ts';
import { isLoopback } from './loopback.ts';

export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end, or destroyed. */
  readonly body: IncomingMessage;
}

export interface Request {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: string;
  readonly signal: AbortSignal;
}

export interface Wire {
  /** One request, one answer. Rejects with the network's own error, or `Stalled`. */
  send(url: URL, request: Request): Promise<Answer>;
  close(): void;
}

/** Nothing moved for as long as is allowed. */
export class Stalled extends Error {}

/** Connections kept open to one host. */
const MAX_SOCKETS = 6;

export function createWire({ insecure, stallMs }: { insecure: boolean; stallMs: number }): Wire {
  const agents = new Map<string, Promise<http.Agent>>();

  /** Loopback never goes through a proxy. */
  const base = (url: URL) => ({
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    ...(isLoopback(url.host) ? {} : { proxyEnv: process.env }),
  });
  const agentOf = (url: URL): Promise<http.Agent> => {
    const found = agents.get(url.origin);
    if (found) return found;
    const made =
      url.protocol === 'http:'
        ? Promise.resolve(new http.Agent(base(url)))
        : trustedBy(url.host).then(
            (secureContext) => new https.Agent({ ...base(url), secureContext, rejectUnauthorized: !insecure }),
          );
    agents.set(url.origin, made);
    return made;
  };

  return {
    async send(url, { method = 'GET', headers = {}, content, signal }) {
      const agent = await agentOf(url);
      return new Promise<Answer>((resolve, reject) => {
        const request = (url.protocol === 'https:' ? https : http).request(url, {
          method,
          agent,
          signal,
          // Also while connecting, and between two pieces of a body.
          timeout: stallMs,
          headers: { 'user-agent': `guesthouse/${VERSION}`, 'accept-encoding': 'identity', ...headers },
        });
        let received: IncomingMessage | null = null;
        request.on('timeout', () => (received ?? request).destroy(new Stalled('silence')));
        request.on('error', reject);
        request.on('response', (body) => {
          received = body;
          resolve({ url, status: body.statusCode ?? 0, headers: body.headers, body });
        });
        request.end(content);
      });
    },
    close() {
      for (const agent of agents.values()) void agent.then((it) => it.destroy()).catch(() => {});
    },
  };
}

/** A small body that takes longer is sent byte by byte to keep us (ms). */
const WHOLE_TIMEOUT_MS = 120_000;

/** A body whole. Throws `bad-data` beyond `maxBytes`, whatever its headers say; `Stalled` after two minutes. */
export async function readWhole({ body, url }: Answer, maxBytes: number, what: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  const late = setTimeout(() => body.destroy(new Stalled('slow')), WHOLE_TIMEOUT_MS);
  body.once('close', () => clearTimeout(late));
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > maxBytes) {
      body.destroy();
      throw new GuesthouseError({
        code: 'bad-data',
        message: `${url.host} sent a ${what} that does not end.`,
        subject: url.host,
        cause: `More than ${maxBytes} bytes came.`,
      });
    }
  }
  return Buffer.concat(parts);
}
