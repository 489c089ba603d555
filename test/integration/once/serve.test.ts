/** The served window's door, on the real server: token, Host, Origin, a second app, a restart. */

import { statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '../../../engine/contract/client.ts';
import { WIRE_VERSION } from '../../../engine/contract/wire.ts';
import { windowPath } from '../../../main/server/auth.ts';
import { webSocketCarrier } from '../../../main/server/websocket.ts';
import { makeHome, type TestHome, until } from '../../fixtures/home.ts';

let home: TestHome;
let owner: Awaited<ReturnType<TestHome['serve']>>;
let url: URL;
let token: string;
let base: string;
beforeAll(async () => {
  home = makeHome();
  owner = await home.serve();
  url = new URL(owner.url);
  token = url.searchParams.get('token') as string;
  base = windowPath(token);
});
afterAll(() => home.end());

/** fetch() cannot lie about Host; this can. */
function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const ask = request(
      { host: '127.0.0.1', port: url.port, path, headers: { host: url.host, ...headers } },
      (answer) => {
        let body = '';
        answer.on('data', (chunk) => {
          body += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      },
    );
    ask.on('error', reject);
    ask.end();
  });
}
const cookie = () => ({ cookie: `guesthouse-${url.port}=${token}` });

function upgrade(headers: Record<string, string>, path = `${base}bridge`): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${url.port}${path}`, { headers });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => resolve(0));
  });
}

describe('the door', () => {
  test('the printed address leads in, by a cookie that scripts cannot read', async () => {
    const first = await get(`/?token=${token}`);
    expect(first.status).toBe(303);
    expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict; Path=\/[0-9a-f]{32}\/;/);
    expect(first.headers.location).toBe(base);
    const page = await get(base, cookie());
    expect(page.status).toBe(200);
    expect(page.body).toContain('<title>');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  });

  test('the address for a command line opens once', async () => {
    const launch = new URL(owner.launchUrl).search;
    expect((await get(`/${launch}`)).status).toBe(303);
    expect((await get(`/${launch}`)).status).toBe(401);
  });

  test.each([
    ['no token', '/', {}, 401],
    ['an empty code', '/?launch=', {}, 401],
    ['a wrong token', '/?token=wrong', {}, 401],
    ['a wrong cookie', '/', { cookie: 'guesthouse-1=x' }, 401],
    ['the wrong token beside the right cookie of another port', '/', { cookie: 'guesthouse-1=right' }, 401],
  ])('%s', async (_what, path, headers, status) => {
    expect((await get(path, headers)).status).toBe(status);
  });

  test('no file is served without the token either', async () => {
    const page = await get(base, cookie());
    const asset = /"\.?\/?(assets\/[^"]+\.js)"/.exec(page.body)?.[1];
    expect(asset).toBeTruthy();
    expect((await get(`${base}${asset}`)).status).toBe(401);
    expect((await get(`${base}${asset}`, cookie())).status).toBe(200);
    // A page that a guest serves on another port does not know this path, so it is never sent the cookie.
    expect((await get(`/${asset}`, cookie())).status).toBe(404);
  });

  test.each([
    ['a foreign Host', { host: 'evil.example' }],
    ['a rebound Host with our port', { host: 'evil.example:80' }],
    ['a foreign Origin', { origin: 'http://evil.example' }],
    ['a null Origin', { origin: 'null' }],
  ])('%s is refused with the right cookie, on pages and on the bridge', async (_what, headers) => {
    expect((await get(base, { ...cookie(), ...headers })).status).toBe(403);
    expect(await upgrade({ origin: url.origin, ...cookie(), ...headers })).toBe(403);
  });

  test('the bridge opens only with token and Origin', async () => {
    expect(await upgrade({ origin: url.origin, ...cookie() })).toBe(101);
    expect(await upgrade({ origin: url.origin })).toBe(401);
    expect(await upgrade({ ...cookie() })).toBe(403);
    expect(await upgrade({ origin: url.origin, ...cookie() }, '/bridge')).toBe(403);
  });

  test('what is said in the address of the bridge is answered as if it had been sent; nonsense there is nothing', async () => {
    const said = [
      { t: 'hello', version: WIRE_VERSION },
      { t: 'subscribe', id: 1, topic: 'state', args: {} },
    ];
    const path = (first: string) => `${base}bridge?first=${encodeURIComponent(first)}`;
    const socket = new WebSocket(`ws://127.0.0.1:${url.port}${path(JSON.stringify(said))}`, {
      headers: { origin: url.origin, ...cookie() },
    });
    const heard: { t: string; event?: { type: string } }[] = [];
    socket.on('message', (data) => heard.push(JSON.parse(String(data))));
    await until(() => heard.some(({ event }) => event?.type === 'snapshot'));
    expect(heard[0]).toEqual({ t: 'hello', version: WIRE_VERSION });
    socket.close();
    for (const first of ['', '{', '7', '"hello"', '{"t":"hello"}'])
      expect(await upgrade({ origin: url.origin, ...cookie() }, path(first))).toBe(101);
    expect(await upgrade({ origin: url.origin }, path(JSON.stringify(said)))).toBe(401);
  });

  test.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/assets/../../package.json',
    '//etc/passwd',
    '/index.html%00',
  ])('the path %s leads nowhere', async (path) => expect((await get(path, cookie())).status).toBe(404));

  test('it listens on loopback only, and the token file is for its owner only', async () => {
    const other = await new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.2', port: Number(url.port) });
      socket.on('connect', () => resolve('open'));
      socket.on('error', () => resolve('closed'));
    });
    expect(other).toBe('closed');
    expect(statSync(join(home.path, 'token')).mode & 0o777).toBe(0o600);
    expect(statSync(home.path).mode & 0o077).toBe(0);
  });
});

test('a second app shows the same engine; when the first goes, it takes over', async () => {
  const second = await home.serve();
  const windowOf = async (address: string) => {
    const to = new URL(address);
    const socket = new WebSocket(`ws://${to.host}${base}bridge`, {
      headers: { origin: to.origin, cookie: `guesthouse-${to.port}=${token}` },
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return createClient(webSocketCarrier(socket));
  };
  const client = await windowOf(second.url);
  expect(await client.call('guests.list', {})).toEqual([]);

  const taken = await home.gh(['serve', '--port', url.port]);
  expect(taken.code).toBe(1);
  expect(taken.stderr).toMatch(/^error \[conflict\]: Port \d+ is in use/);
  expect(await home.ok(['ls', '--json'])).toBe('[]\n');

  owner.process.kill('SIGKILL');
  await client.closed;
  const healed = await until(async () => {
    const again = await windowOf(second.url);
    const guests = await again.call('guests.list', {}).catch(() => null);
    if (guests === null) again.close();
    return guests === null ? null : again;
  });
  // The one that took over is the owner now: commands join it, the lock is its own.
  expect(await home.ok(['ls', '--json'])).toBe('[]\n');
  healed?.close();
});
