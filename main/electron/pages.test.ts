import { expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY } from './guard.ts';
import { answer, type Pages } from './pages.ts';

const html = { type: 'text/html; charset=utf-8', body: Buffer.from('<p>hello'), immutable: false };
const pages: Pages = new Map([
  ['/', html],
  ['/index.html', html],
]);
const get = (url: string, method = 'GET') => answer(pages, { url, method });

test('a listed file comes with its type and the policy', async () => {
  const response = get('app://guesthouse/index.html?x#y');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  expect(await response.text()).toBe('<p>hello');
});

test.each([
  'app://guesthouse/../main.js',
  'app://guesthouse/..%2fmain.js',
  'app://guesthouse/etc/passwd',
  'app://evil/index.html',
])('%s is not found, and says nothing about the disk', async (url) => {
  const response = get(url);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  expect(await response.text()).toBe('There is no such page.');
});

test('nothing but reading', () => {
  expect(get('app://guesthouse/', 'POST').status).toBe(405);
  expect(get('app://guesthouse/', 'HEAD').status).toBe(200);
});
