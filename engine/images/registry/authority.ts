/**
 * Says who we are: Basic, or a bearer token fetched where the registry says (distribution-spec's token authentication;
 * OAuth 2 for refresh tokens). A registry that asks nothing is told nothing.
 */
import { GuesthouseError } from '../../contract/errors.ts';
import { isLoopback } from '../fetch/loopback.ts';
import type { Answer, Request } from '../fetch/wire.ts';
import { parseChallenges } from './challenge.ts';
import type { Credentials, Found } from './credentials.ts';
import { type Asked, statusFailure } from './failure.ts';

export interface Authority {
  /** Whom we say we are; null: nobody. */
  readonly user: string | null;
  readonly notes: readonly string[];
  /** Value of `Authorization`; null before the registry has asked. */
  header(): string | null;
  /** Answers a 401. `refused`: the header it was sent with. False: there is nothing more to say. */
  answer(challenge: string | undefined, refused: string | null, signal: AbortSignal): Promise<boolean>;
}

const MAX_TOKEN_BYTES = 1024 * 1024;

export function createAuthority(options: {
  asked: Asked;
  repository: string;
  found: Found;
  insecure: boolean;
  send: (url: URL, request: Request) => Promise<Answer>;
  /** A body whole, failures told as the registry's. */
  whole: (answer: Answer, maxBytes: number, what: string, signal: AbortSignal) => Promise<Buffer>;
}): Authority {
  const { asked, repository, found, insecure, send, whole } = options;
  const { credentials } = found;
  let header: string | null = null;
  /** Several requests are refused together when a token ends; one fetches the next. */
  let asking: Promise<boolean> | null = null;

  async function meet(challenge: string | undefined, signal: AbortSignal): Promise<boolean> {
    const offers = parseChallenges(challenge);
    const bearer = offers.find(({ scheme }) => scheme === 'bearer');
    if (bearer) {
      const before = header;
      header = `Bearer ${await fetchToken(bearer.parameters, signal)}`;
      return header !== before;
    }
    const basic = offers.some(({ scheme }) => scheme === 'basic');
    // A wrong password stays wrong.
    if (!basic || credentials?.kind !== 'password' || header !== null) return false;
    header = `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
    return true;
  }

  async function fetchToken(parameters: ReadonlyMap<string, string>, signal: AbortSignal): Promise<string> {
    if (credentials?.kind === 'bearer') return credentials.token;
    const realm = parameters.get('realm') ?? '';
    const url = URL.canParse(realm) ? new URL(realm) : null;
    const isOpen = url?.protocol === 'http:' && !insecure && !(isLoopback(url.host) && isLoopback(asked.host));
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || isOpen) {
      throw new GuesthouseError({
        code: 'denied',
        message: `${asked.host} sends to a token server that is not trusted.`,
        subject: asked.host,
        cause: `Its address is ${JSON.stringify(realm.slice(0, 100))}.`,
        hint: isOpen ? 'Without encryption it is only asked when you say --insecure.' : 'Check host and port.',
      });
    }
    const service = parameters.get('service');
    const scope = parameters.get('scope') ?? `repository:${repository}:pull`;
    const answer = await send(url, tokenRequest(url, credentials, service, scope, signal));
    if (answer.status !== 200) {
      const said = await whole(answer, 16 * 1024, 'answer', signal).catch(() => Buffer.alloc(0));
      throw statusFailure(answer.status, answer.headers, spoken(said), { ...asked, what: 'token' });
    }
    const token = tokenOf(await whole(answer, MAX_TOKEN_BYTES, 'token', signal));
    if (token !== null) return token;
    throw new GuesthouseError({
      code: 'bad-data',
      message: `The token server of ${asked.host} gave no token.`,
      subject: asked.host,
      cause: `It is ${url.host}.`,
    });
  }

  return {
    user: credentials === null ? null : credentials.kind === 'password' ? credentials.user : 'your account',
    notes: found.notes,
    header: () => header,
    async answer(challenge, refused, signal) {
      if (header !== null && header !== refused) return true; // another request was faster
      asking ??= meet(challenge, signal).finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}

function tokenRequest(
  url: URL,
  credentials: Credentials | null,
  service: string | undefined,
  scope: string,
  signal: AbortSignal,
): Request {
  if (credentials?.kind === 'identity') {
    const content = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credentials.token,
      client_id: 'guesthouse',
      scope,
      ...(service === undefined ? {} : { service }),
    }).toString();
    return { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, content, signal };
  }
  if (service !== undefined) url.searchParams.set('service', service);
  for (const one of scope.split(' ').filter(Boolean)) url.searchParams.append('scope', one);
  if (credentials?.kind !== 'password') return { signal };
  const basic = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
  return { headers: { authorization: `Basic ${basic}` }, signal };
}

function tokenOf(body: Buffer): string | null {
  try {
    const { token, access_token } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    const found = token ?? access_token;
    // It becomes part of a header.
    return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : null;
  } catch {
    return null;
  }
}

/** What a registry says of a failure: `{"errors": [{"code", "message"}]}`, else its text; short, on one line. */
export function spoken(body: Buffer): string {
  const text = body.toString('utf8');
  let said = text.trimStart().startsWith('<') ? '' : text;
  try {
    const { errors, details } = JSON.parse(text) as {
      errors?: { code?: unknown; message?: unknown }[];
      details?: unknown;
    };
    const [first] = errors ?? [];
    said = String(first?.message || first?.code || details || '');
  } catch {
    // Plain text.
  }
  // Control characters must not reach a terminal.
  return said
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 200);
}
