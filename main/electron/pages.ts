/** The window's files under app://, with the policy on every answer. Uses fetch's Response, which Node and Electron share. */
import { loadStatic, type StaticFile } from '../server/static.ts';
import { CONTENT_SECURITY_POLICY, requestedFile } from './guard.ts';

export type Pages = ReadonlyMap<string, StaticFile>;

/** Reads the built window once; a request is a name in this list or nothing. */
export function loadPages(folder: string): Pages {
  return loadStatic(folder);
}

export function answer(pages: Pages, request: { readonly url: string; readonly method: string }): Response {
  const headers = {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405, headers });
  const name = requestedFile(request.url);
  const file = name === null ? undefined : pages.get(name);
  if (!file) return new Response('There is no such page.', { status: 404, headers });
  const body = request.method === 'HEAD' ? null : new Uint8Array(file.body);
  return new Response(body, { headers: { ...headers, 'content-type': file.type } });
}
