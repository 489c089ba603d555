/** Who may talk to the served window: exact Host, exact Origin and the token, on every route and upgrade. Pure. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export type Verdict = 'ok' | 'foreign-host' | 'foreign-origin' | 'no-token';

export interface Door {
  readonly port: number;
  readonly token: string;
}

/** Cookies are shared between ports of one host; the name keeps two homes apart. */
export function cookieName(port: number): string {
  return `guesthouse-${port}`;
}

/**
 * The window lives below a path only its owner knows. Browsers send cookies to every port of a host: with this path,
 * a page that a guest serves on 127.0.0.1 is not sent the window's cookie.
 */
export function windowPath(token: string): string {
  return `/${createHash('sha256').update(`window ${token}`).digest('hex').slice(0, 32)}/`;
}

/**
 * `upgrade`: a browser always sends Origin with a WebSocket; without one it is a program, which must not have a
 * browser's cookie either, so the Origin is demanded.
 */
export function judge(headers: IncomingHttpHeaders, door: Door, kind: 'page' | 'upgrade'): Verdict {
  const hosts = [`127.0.0.1:${door.port}`, `localhost:${door.port}`];
  const { host, origin } = headers;
  // DNS rebinding: a foreign name that resolves to loopback still says its own name here.
  if (host === undefined || !hosts.includes(host)) return 'foreign-host';
  if (origin !== undefined && origin !== `http://${host}`) return 'foreign-origin';
  if (origin === undefined && kind === 'upgrade') return 'foreign-origin';
  const site = headers['sec-fetch-site'];
  const follows = site === undefined || site === 'same-origin' || site === 'none';
  if (!follows && headers['sec-fetch-mode'] !== 'navigate') return 'foreign-origin';
  return matches(tokenOf(headers, door.port), door.token) ? 'ok' : 'no-token';
}

/** Compares without telling by its time how much was right. */
export function matches(given: string | null, token: string): boolean {
  if (given === null) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function tokenOf(headers: IncomingHttpHeaders, port: number): string | null {
  const name = cookieName(port);
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? null;
}
