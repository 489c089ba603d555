/** Files of a mirror over HTTP: how large, from where on, whole. Redirects are followed where that is no step down. */
import { GuesthouseError } from '../../contract/errors.ts';
import { connectionFailure, stalled } from './failure.ts';
import { isLoopback } from './loopback.ts';
import type { BlobBody } from './partial.ts';
import { parseRetryAfter, type RetryPolicy, Transient, withRetries } from './retry.ts';
import { type Answer, createWire, readWhole, Stalled } from './wire.ts';

export interface Mirror {
  /** Bytes of a file. Repeated as the policy says. Throws `not-found`, `denied`, `bad-data`, `resources`, `timeout`. */
  measure(url: URL, signal: AbortSignal): Promise<number>;
  /** A small file whole. The same. */
  read(url: URL, maxBytes: number, signal: AbortSignal): Promise<Buffer>;
  /** From somewhere on; not repeated. Throws `Transient` where trying again may help. */
  open(url: URL, sizeBytes: number, from: number, etag: string | null, signal: AbortSignal): Promise<BlobBody>;
  close(): void;
}

const MAX_REDIRECTS = 5;
/** Of the words of a refusal (bytes). */
const MAX_SAID = 4096;

/** `name`: what is fetched, for a person. */
export function createMirror({ name, policy }: { name: string; policy: RetryPolicy }): Mirror {
  const wire = createWire({ insecure: false, stallMs: policy.stallMs });

  const told = (error: unknown, signal: AbortSignal, host: string): unknown => {
    if (signal.aborted) return signal.reason;
    return error instanceof Stalled
      ? stalled({ host, name }, policy.stallMs)
      : connectionFailure(error, { host, name });
  };

  async function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    let next = url;
    for (let hop = 0; ; hop++) {
      const { host } = next;
      const answer = await wire.send(next, { headers, signal }).catch((error) => {
        throw told(error, signal, host);
      });
      if (answer.status === 200 || answer.status === 206) return answer;
      if ([301, 302, 303, 307, 308].includes(answer.status)) {
        answer.body.destroy();
        if (hop === MAX_REDIRECTS) throw astray(url, 'it sends from place to place');
        next = steppedTo(next, answer.headers.location ?? '', url);
        continue;
      }
      await readWhole(answer, MAX_SAID, 'answer').catch(() => {});
      signal.throwIfAborted();
      throw refusal(answer, next, name);
    }
  }

  return {
    measure: (url, signal) =>
      withRetries(policy, signal, async () => {
        const answer = await ask(url, { range: 'bytes=0-0' }, signal);
        answer.body.destroy();
        const { headers, status } = answer;
        const said = status === 206 ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
        const size = Number(said);
        if (said !== undefined && Number.isSafeInteger(size) && size > 0) return size;
        throw odd(url, 'It does not say how large the file is.');
      }),

    read: (url, maxBytes, signal) =>
      withRetries(policy, signal, async () => {
        const answer = await ask(url, {}, signal);
        return readWhole(answer, maxBytes, 'file').catch((error) => {
          throw told(error, signal, answer.url.host);
        });
      }),

    async open(url, sizeBytes, from, etag, signal) {
      const range: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
      if (from > 0 && etag !== null) range['if-range'] = etag;
      const answer = await ask(url, range, signal);
      const startsAt = answer.status === 206 ? from : 0;
      const length = answer.headers['content-length'];
      const part = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
      const isOther =
        (answer.status === 206 && (from === 0 || !part || Number(part[1]) !== from)) ||
        (part && part[2] !== '*' && Number(part[2]) !== sizeBytes) ||
        (length !== undefined && Number(length) !== sizeBytes - startsAt);
      if (isOther) {
        answer.body.destroy();
        throw odd(url, 'The file has another size than it said a moment ago.');
      }
      const tag = answer.headers.etag;
      return { bytes: readable(answer, signal), startsAt, etag: tag?.startsWith('"') ? tag : null };
    },

    close: () => wire.close(),
  };

  async function* readable({ body, url }: Answer, signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      yield* body as AsyncIterable<Buffer>;
    } catch (error) {
      throw told(error, signal, url.host);
    }
  }
}

/** Encryption is not given up on the way, and nobody out there sends us to what listens on this machine. */
function steppedTo(from: URL, location: string, asked: URL): URL {
  if (location === '' || !URL.canParse(location, from.href)) throw astray(asked, 'it sends to nowhere');
  const next = new URL(location, from);
  const shown = JSON.stringify(`${next.protocol}//${next.host}`.slice(0, 80));
  if (next.protocol !== 'https:' && !(next.protocol === 'http:' && asked.protocol === 'http:'))
    throw astray(asked, `it sends to ${shown}, which is not encrypted`);
  if (isLoopback(next.host) && !isLoopback(asked.host)) throw astray(asked, `it sends to ${shown}, this very machine`);
  if (next.origin !== asked.origin) next.username = next.password = '';
  return next;
}

function astray(url: URL, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'denied',
    message: `${url.host} cannot be followed: ${why}.`,
    subject: url.host,
    hint: 'Choose another mirror.',
  });
}

function odd(url: URL, cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `${url.host} does not answer as a mirror does.`,
    subject: url.host,
    cause,
    hint: 'Choose another mirror, or check its address.',
  });
}

/** An answer that is no success and no redirect. */
function refusal({ status, headers }: Answer, url: URL, name: string): Error {
  const path = decodeURI(url.pathname).slice(0, 200);
  const cause = `It answered ${status} for ${path}.`;
  if (status === 404 || status === 410)
    return new GuesthouseError({
      code: 'not-found',
      message: `${url.host} does not have ${path.slice(path.lastIndexOf('/') + 1)}.`,
      subject: name,
      cause,
      hint: 'Either the address of the mirror is of another folder, or the mirror lacks this release.',
    });
  if (status === 401 || status === 403)
    return new GuesthouseError({ code: 'denied', message: `${url.host} refuses ${name}.`, subject: name, cause });
  if (status === 416) return odd(url, 'The file is shorter than it was.');
  if (status !== 429 && status !== 408 && status < 500) return odd(url, cause);
  const failure = new GuesthouseError({
    code: 'resources',
    message: status === 429 ? `${url.host} asks to come back later.` : `${url.host} cannot answer now.`,
    subject: name,
    cause,
    hint: 'Try again in a while, or choose another mirror: what was fetched is kept for a day.',
  });
  return new Transient(failure, parseRetryAfter(headers['retry-after']));
}
