/**
 * A window onto a home of its own: the real server with real guests behind it, looked at in Debian's Chromium, or in
 * Electron where its program is installed. Whatever the page reports as an error fails the test that made it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, _electron as electron, type Page } from 'playwright-core';
import type { Guest } from '../../engine/contract/guest.ts';
import { CHROMIUM, CHROMIUM_ARGS } from '../fixtures/chromium.ts';
import { makeHome, type TestHome } from '../fixtures/home.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const ELECTRON = electronProgram();

export type Shell = 'chromium' | 'electron';
/** What the specs run in on this machine. */
export const SHELLS: readonly Shell[] = [
  ...(CHROMIUM ? (['chromium'] as const) : []),
  ...(ELECTRON ? (['electron'] as const) : []),
];

export interface Options {
  /** Width and height of the window (CSS pixels). */
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: 'light' | 'dark';
  /** The browser's zoom, e.g. 2 for 200 %: fewer CSS pixels, more of the screen's for each. */
  readonly zoom?: number;
  /** Of the system, e.g. `de-AT`. */
  readonly language?: string;
  /** Environment of the browser beside our own. */
  readonly env?: Readonly<Record<string, string>>;
}

const SIZE = { width: 1280, height: 800 };
/** Of every wait for the page: real guests on a machine that does other things as well. */
export const WAIT_MS = 60_000;

/** One home, one server, one browser; any number of windows. */
export class House {
  readonly shell: Shell;
  readonly home: TestHome = makeHome();
  /** The first window; opened anew by `begin`. */
  page!: Page;
  url = '';
  /** What pages reported since it was last asked. */
  #troubles: string[] = [];
  #expected: RegExp[] = [];
  #browser: Browser | null = null;
  #ends: (() => Promise<unknown>)[] = [];
  #server: Awaited<ReturnType<TestHome['serve']>>['process'] | null = null;

  constructor(shell: Shell) {
    this.shell = shell;
  }

  async begin(options: Options = {}): Promise<void> {
    if (this.shell === 'electron') {
      this.page = await this.#openElectron();
      return;
    }
    if (!this.served) await this.serve();
    this.#browser = await chromium.launch({
      executablePath: CHROMIUM as string,
      args: CHROMIUM_ARGS,
      env: { ...process.env, ...options.env },
    });
    this.page = await this.open(options);
  }

  /** A further window, with a profile of its own (a second person's, as far as the browser knows). */
  async open(options: Options = {}): Promise<Page> {
    if (!this.#browser) throw new Error('only in a browser');
    const { viewport = SIZE, zoom = 1, theme = 'light', language = 'en-GB' } = options;
    const context: BrowserContext = await this.#browser.newContext({
      viewport: { width: Math.round(viewport.width / zoom), height: Math.round(viewport.height / zoom) },
      deviceScaleFactor: zoom,
      colorScheme: theme,
      locale: language,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    this.#ends.push(() => context.close());
    const page = await context.newPage();
    this.#watch(page);
    await goTo(page, this.url);
    return page;
  }

  /** Closes the first window and opens another of the same profile, as who closes the program and comes back. */
  async reopen(): Promise<void> {
    const context = this.page.context();
    await this.page.close();
    this.page = await context.newPage();
    this.#watch(this.page);
    await goTo(this.page, this.url);
  }

  get served(): boolean {
    return this.#server !== null;
  }

  get serverPid(): number {
    if (!this.#server?.pid) throw new Error('no server of its own runs');
    return this.#server.pid;
  }

  /** Starts the server; again on the same port when it was killed. */
  async serve(): Promise<void> {
    const port = this.url ? new URL(this.url).port : '0';
    const { url, process } = await this.home.serve(['--port', port]);
    this.url = url;
    this.#server = process;
  }

  /** As a crash would: no goodbye. */
  async killServer(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    const closed = new Promise((resolve) => server.once('close', resolve));
    server.kill('SIGKILL');
    await closed;
  }

  /** A console error that belongs to what the test does, until its end. */
  expectTrouble(words: RegExp): void {
    this.#expected.push(words);
  }

  /** What went wrong in the pages, and forgets it. */
  troubles(): string[] {
    const found = this.#troubles.filter((trouble) => !this.#expected.some((words) => words.test(trouble)));
    this.#troubles = [];
    this.#expected = [];
    return found;
  }

  /** What the window looked like when a test failed, and what it said. */
  async keepPicture(name: string): Promise<void> {
    const stem = join(ROOT, 'test-results', name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 80));
    await this.page?.screenshot({ path: `${stem}.png`, timeout: 5000 }).catch(() => {});
    const said = await this.page
      ?.locator('body')
      .ariaSnapshot({ timeout: 5000 })
      .catch(() => '');
    mkdirSync(dirname(stem), { recursive: true });
    writeFileSync(`${stem}.yml`, said ?? '');
  }

  async guests(): Promise<Guest[]> {
    return JSON.parse(await this.home.ok(['ls', '--json']));
  }

  async state(name: string): Promise<string | undefined> {
    return (await this.guests()).find((guest) => guest.name === name)?.state;
  }

  /** Creates a container of the busybox image that sleeps, or runs `command`. */
  container(name: string, command: readonly string[] = ['sleep', '3600'], options: readonly string[] = []) {
    const image = ['--image', 'busybox', '--isolation', 'container', '--memory', '64'];
    return this.home.ok(['create', name, ...image, ...options, '--', ...command]);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end().catch(() => {});
    await this.#browser?.close().catch(() => {});
    await this.home.end();
  }

  async #openElectron(): Promise<Page> {
    const app = await electron.launch({
      executablePath: ELECTRON as string,
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        join(ROOT, 'dist/electron/main/electron/main.js'),
      ],
      env: this.home.env,
    });
    this.#ends.push(() => app.close());
    const page = await app.firstWindow();
    this.#watch(page);
    return page;
  }

  #watch(page: Page): void {
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (error) => this.#troubles.push(`page error: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#troubles.push(`console error: ${message.text()}`);
    });
    page.on('crash', () => this.#troubles.push('the page crashed'));
  }
}

/** Text of the terminal that is shown, as it stands on its screen. */
export async function terminalText(page: Page): Promise<string> {
  const rows = page.locator('.xterm-rows:visible');
  return (await rows.count()) === 0 ? '' : (await rows.first().innerText()).replaceAll('\u00a0', ' ');
}

/** Types a line into the console that has the keyboard, or gets it now. */
export async function typeLine(page: Page, line: string): Promise<void> {
  await page.locator('.xterm-helper-textarea:focus').waitFor({ state: 'attached' });
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}

/** Loads the window anew and waits until it is drawn: before that nothing listens to a key. */
export async function goTo(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('#window > *').first().waitFor({ state: 'attached', timeout: WAIT_MS });
}

function electronProgram(): string | null {
  const folder = fileURLToPath(new URL('../../node_modules/electron/', import.meta.url));
  const named = join(folder, 'path.txt');
  if (!existsSync(named)) return null;
  const program = join(folder, 'dist', readFileSync(named, 'utf8').trim());
  return existsSync(program) ? program : null;
}
