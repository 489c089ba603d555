/** What the window may do: decisions only, so that they are tested without Electron. */

/** Scheme and host of the window's own pages. `standard` and `secure` in Chromium's terms, see main.ts. */
export const APP_SCHEME = 'app';
export const APP_ORIGIN = `${APP_SCHEME}://guesthouse`;

/**
 * The policy sent with every page. Only our own files run; nothing is fetched from elsewhere; the page is no frame and
 * has none. Styles may be inline because components set sizes and colours that way.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Whether a URL is one of our own pages. Parsed, not compared as text: `app://guesthouse.evil/` is not. */
export function isOwnPage(url: string): boolean {
  const parsed = parse(url);
  // A scheme the parser does not know has the origin "null", so its parts are compared.
  return (
    parsed !== null && parsed.protocol === `${APP_SCHEME}:` && parsed.host === 'guesthouse' && parsed.username === ''
  );
}

/** Whether a page of ours is one console in a window of its own (renderer/console/popout.ts). */
export function isPopOut(url: string): boolean {
  return isOwnPage(url) && (parse(url)?.hash.startsWith('#/console/') ?? false);
}

/**
 * Name of the file a request asks for, as in the list of the window's files (`/assets/x.js`), or null when the request
 * is not for one of our pages. The list is the whole truth: a name that is not in it is not looked up on the disk.
 */
export function requestedFile(url: string): string | null {
  const parsed = parse(url);
  if (!parsed || !isOwnPage(url)) return null;
  try {
    const name = decodeURIComponent(parsed.pathname);
    return name.includes('\0') || name.split('/').includes('..') ? null : name;
  } catch {
    return null; // not valid percent-encoding
  }
}

/** A web address that may be handed to the person's browser. Anything else could start a program of the desktop. */
export function isWebAddress(url: string): boolean {
  const parsed = parse(url);
  return parsed !== null && (parsed.protocol === 'https:' || parsed.protocol === 'http:');
}

/** What the sender check needs to know of Electron's WebFrameMain. */
export interface Sender {
  readonly url: string;
  readonly parent: unknown;
}

/** Whether a message came from the top frame of our own page; null when the frame is gone. */
export function isOwnSender(frame: Sender | null): boolean {
  return frame !== null && frame.parent === null && isOwnPage(frame.url);
}

/**
 * Permissions a page of ours uses: the clipboard, for copying out of a console, the whole screen for a display, and
 * notices on the desktop, which the person switches on in the settings.
 */
const PERMISSIONS: ReadonlySet<string> = new Set([
  'clipboard-read',
  'clipboard-sanitized-write',
  'fullscreen',
  'notifications',
  'pointerLock',
]);

export function isAllowedPermission(permission: string, requestingUrl: string): boolean {
  return PERMISSIONS.has(permission) && isOwnPage(requestingUrl);
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
