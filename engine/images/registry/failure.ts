/** What goes wrong on the way to a registry, as a person is told it. */
import { GuesthouseError } from '../../contract/errors.ts';
import { parseRetryAfter, Transient } from './retry.ts';

/** What was asked for. */
export interface Asked {
  /** `host:port` of the registry. */
  readonly host: string;
  /** The reference as written. */
  readonly name: string;
  /** `image`, `layer`. */
  readonly what: 'image' | 'layer' | 'configuration' | 'token';
  /** Whom we said we are; null: nobody. */
  readonly user: string | null;
  /** Why there may be no credentials: files or helpers that could not be read. */
  readonly notes: readonly string[];
}

const CERTIFICATE =
  /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:VERIFY|GET)_|CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_HANDSHAKE)/;
const PLAIN_HTTP = /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|TLSV1_.*))$/;

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException)?.code ?? '');

/** The other side does not speak TLS (or hangs up at its first words). */
export function looksLikePlainHttp(error: unknown): boolean {
  const code = codeOf(error);
  const hungUp = code === 'ECONNRESET' && /before secure TLS connection/.test((error as Error).message);
  return PLAIN_HTTP.test(code) || hungUp;
}

/** An error of Node's network -> `GuesthouseError`, or `Transient` where trying again may help. */
export function connectionFailure(error: unknown, { host, name }: Pick<Asked, 'host' | 'name'>): Error {
  if (error instanceof GuesthouseError || error instanceof Transient) return error;
  const code = codeOf(error);
  const message = (error as Error)?.message ?? String(error);
  if (code === 'ABORT_ERR' || (error as Error)?.name === 'AbortError') return error as Error;
  if (CERTIFICATE.test(code)) {
    return new GuesthouseError({
      code: 'denied',
      message: `The certificate of ${host} is not trusted.`,
      subject: host,
      cause: message,
      hint: `Put the certificate of its authority into /etc/containers/certs.d/${host}/ca.crt, or accept any with --insecure.`,
    });
  }
  if (looksLikePlainHttp(error)) {
    return new GuesthouseError({
      code: 'denied',
      message: `${host} does not answer with TLS.`,
      subject: host,
      cause: message,
      hint: 'Without encryption a registry is only used when you say --insecure.',
    });
  }
  if (code === 'ENOTFOUND' || code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return new GuesthouseError({
      code: 'resources',
      message: code === 'ENOTFOUND' ? `There is no host ${host}.` : `Nothing answers at ${host}.`,
      subject: host,
      cause: message || code,
      hint: 'Check the name, and whether this machine reaches that network (HTTPS_PROXY is respected).',
    });
  }
  return new Transient(
    new GuesthouseError({
      code: 'resources',
      message: `The connection to ${host} was cut again and again.`,
      subject: name,
      cause: message,
      hint: 'Pull again: what was fetched is kept for a day.',
    }),
  );
}

export function stalled({ host, name }: Pick<Asked, 'host' | 'name'>, stallMs: number): Transient {
  return new Transient(
    new GuesthouseError({
      code: 'timeout',
      message: `${host} went silent again and again.`,
      subject: name,
      cause: `No byte came for ${Math.round(stallMs / 100) / 10} s.`,
      hint: 'Pull again: what was fetched is kept for a day.',
    }),
  );
}

/** An answer that is no success. `said`: the registry's own words, if any. */
export function statusFailure(
  status: number,
  headers: { readonly 'retry-after'?: string | undefined },
  said: string,
  { host, name, what, user, notes }: Asked,
): Error {
  const cause = `${what === 'token' ? 'The token server of the registry' : 'The registry'} answered ${status}${said ? `: ${said}` : '.'}`;
  if (status === 401 || status === 403) {
    const refused = user === null ? `${host} wants to know who you are.` : `${host} refuses ${name} to ${user}.`;
    return new GuesthouseError({
      code: 'denied',
      message: status === 403 && user === null ? `${host} refuses ${name}.` : refused,
      subject: name,
      cause: [cause, ...notes].join(' '),
      hint: `Log in with \`podman login ${host}\` or \`docker login ${host}\`; private and missing images look alike.`,
    });
  }
  if (status === 404) {
    return new GuesthouseError({
      code: what === 'image' ? 'not-found' : 'bad-data',
      message: what === 'image' ? `There is no image ${name}.` : `The registry lacks a ${what} of ${name}.`,
      subject: name,
      cause,
      hint: what === 'image' ? 'Check the name and the tag.' : 'The image must be pushed again.',
    });
  }
  const failure = new GuesthouseError({
    code: 'resources',
    message: status === 429 ? `${host} asks to come back later.` : `${host} cannot answer now.`,
    subject: name,
    cause,
    hint:
      status === 429 && user === null
        ? `Log in (\`podman login ${host}\`): known people may fetch more.`
        : 'Try again in a while.',
  });
  if (status === 429 || status === 408 || status >= 500)
    return new Transient(failure, parseRetryAfter(headers['retry-after']));
  return new GuesthouseError({
    code: 'bad-data',
    message: `${host} does not answer as a registry does.`,
    subject: host,
    cause,
    hint: 'Check host and port.',
  });
}

/** Bytes come, but it would take for ever. */
export function crawling(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'timeout',
    message: `A layer of ${name} comes too slowly.`,
    subject: name,
    hint: 'Pull again when the line is better: what was fetched is kept for a day.',
  });
}

/** An answer without a length that ended before the blob did. */
export function cutShort(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `A layer of ${name} ends too early, again and again.`,
    subject: name,
    hint: 'The image must be pushed again.',
  });
}

/** Something the registry sent is not what it must be. */
export function refusedImage(
  name: string,
  why: string,
  code: 'bad-data' | 'unsupported' = 'bad-data',
): GuesthouseError {
  return new GuesthouseError({ code, message: `The image ${name} cannot be used: ${why}.`, subject: name });
}
