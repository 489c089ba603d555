/** What goes wrong on the way to another machine, as a person is told it. */
import { GuesthouseError } from '../../contract/errors.ts';
import { Transient } from './retry.ts';

export interface Sought {
  /** `host:port`. */
  readonly host: string;
  /** What was asked for, as written. */
  readonly name: string;
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
export function connectionFailure(error: unknown, { host, name }: Sought): Error {
  if (error instanceof GuesthouseError || error instanceof Transient) return error;
  const code = codeOf(error);
  const message = (error as Error)?.message ?? String(error);
  if (code === 'ABORT_ERR' || (error as Error)?.name === 'AbortError') return error as Error;
  if (CERTIFICATE.test(code)) {
    return new GuesthouseError({
      code: 'denied',
      message: `The certificate of ${host} is not trusted.`,
      subject: host,
      // Node adds an option of its own, which is none of ours.
      cause: message.replace(/; if the root CA .*$/, ''),
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
      hint: 'Try again: what was fetched is kept for a day.',
    }),
  );
}

export function stalled({ host, name }: Sought, stallMs: number): Transient {
  return new Transient(
    new GuesthouseError({
      code: 'timeout',
      message: `${host} went silent again and again.`,
      subject: name,
      cause: `No byte came for ${Math.round(stallMs / 100) / 10} s.`,
      hint: 'Try again: what was fetched is kept for a day.',
    }),
  );
}

/** Bytes come, but it would take for ever. */
export function crawling(what: string, subject: string): GuesthouseError {
  return new GuesthouseError({
    code: 'timeout',
    message: `${what} comes too slowly.`,
    subject,
    hint: 'Try again when the line is better: what was fetched is kept for a day.',
  });
}

/** An answer without a length that ended before the blob did. */
export function cutShort(what: string, subject: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `${what} ends too early, again and again.`,
    subject,
    hint: 'What is kept there is not whole; it must be put there again.',
  });
}
