/** What goes wrong on the way to a registry, as a person is told it. */
import { GuesthouseError } from '../../contract/errors.ts';
import { parseRetryAfter, Transient } from '../fetch/retry.ts';

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
      cause: [notes.length > 0 ? cause.replace(/[^.!?]$/, '$&.') : cause, ...notes].join(' '),
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
  const askedMs = parseRetryAfter(headers['retry-after']);
  const failure = new GuesthouseError({
    code: 'resources',
    message: status === 429 ? `${host} asks to come back later.` : `${host} cannot answer now.`,
    subject: name,
    cause: askedMs ? `${cause.replace(/[^.!?]$/, '$&.')} It asks to wait ${waitText(askedMs)}.` : cause,
    hint:
      status === 429 && user === null
        ? `Log in (\`podman login ${host}\`): known people may fetch more.`
        : 'Try again in a while.',
  });
  if (status === 429 || status === 408 || status >= 500) return new Transient(failure, askedMs);
  return new GuesthouseError({
    code: 'bad-data',
    message: `${host} does not answer as a registry does.`,
    subject: host,
    cause,
    hint: 'Check host and port.',
  });
}

/** `90 s`, `60 min`, `5 h`. */
function waitText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}

/** Something the registry sent is not what it must be. */
export function refusedImage(
  name: string,
  why: string,
  code: 'bad-data' | 'unsupported' = 'bad-data',
): GuesthouseError {
  return new GuesthouseError({ code, message: `The image ${name} cannot be used: ${why}.`, subject: name });
}
