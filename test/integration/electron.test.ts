/** The compiled Electron side with a real engine in it, over a fake Electron: its program is not on every machine. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanEnv, run } from '../../engine/host/process.ts';
import { CONTENT_SECURITY_POLICY } from '../../main/electron/guard.ts';
import { ensureBuilt } from '../../main/setup/window.js';
import { makeHome, type TestHome } from '../fixtures/home.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let home: TestHome;

beforeAll(async () => {
  home = makeHome();
  await ensureBuilt(ROOT, process.execPath, 'window');
  await ensureBuilt(ROOT, process.execPath, 'electron');
}, 120_000);
afterAll(() => home.end());

const WALLS = { sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false };

test('starts, answers its own page alone, serves the window, and ends in order', async () => {
  const program = fileURLToPath(new URL('../fakes/electron-run.ts', import.meta.url));
  const main = `${ROOT}dist/electron/main/electron/main.js`;
  const { stdout } = await run([process.execPath, program, main], {
    timeoutMs: 30_000,
    env: cleanEnv({ GUESTHOUSE_HOME: home.path }),
  });
  expect(JSON.parse(stdout.trim().split('\n').pop() ?? '')).toMatchObject({
    guests: [],
    page: 200,
    policy: CONTENT_SECURITY_POLICY,
    outside: 404,
    // A console's own window is one of ours, with the same walls, and the second time the same one.
    popups: Array.from({ length: 4 }, () => ({ action: 'deny' })),
    focus: [true],
    external: ['https://example.org/'],
    webPreferences: [WALLS, WALLS],
    url: ['app://guesthouse/index.html', 'app://guesthouse/index.html#/console/ab12/main'],
    errors: [],
  });
});
