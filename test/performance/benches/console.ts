/** Consoles in the served window, in Chromium: a container's terminal all the way, against xterm.js in the same browser. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import type { Absent, Bench, BenchContext } from '../harness.ts';
import { createGuest, makeBenchHome } from '../home.ts';
import { fromKey } from '../peers/watch.ts';
import { openWindow } from '../peers/window.ts';

/** What one flood writes (bytes). */
const FLOOD_BYTES = 100_000_000;
/** A flood that takes longer is a failure (ms). */
const FLOOD_MS = 240_000;
/** What a terminal's link waits for at most before it is told that bytes were parsed. */
const PIECE = 64 * 1024;
const COLUMNS = 120;
const { resolve } = createRequire(import.meta.url);

/** A line as programs write them: colours, numbers, words. */
const lineOf = (n: number): string =>
  `\x1b[32m${String(n).padStart(8, '0')}\x1b[0m ${'the quick brown fox jumps over the lazy dog '.repeat(2).slice(0, 60 + (n % 24))}`;

/**
 * Without colours, for what is interrupted: the kernel throws away what a terminal has not read, and an escape character
 * left over makes the `^C` after it begin a privacy message (ESC ^), which takes the prompt with it in every terminal.
 */
const plainOf = (n: number): string => lineOf(n).replace('\x1b[32m', '').replace('\x1b[0m', '');

async function writeFlood(file: string, line: (n: number) => string): Promise<void> {
  const out = createWriteStream(file);
  let written = 0;
  for (let n = 0; written < FLOOD_BYTES; ) {
    let piece = '';
    while (piece.length < 1_000_000) piece += `${line(n++)}\n`;
    written += piece.length;
    if (!out.write(piece)) await new Promise<void>((done) => out.once('drain', () => done()));
  }
  out.end();
  await finished(out);
}

interface Consoles {
  readonly page: Page;
  /** Terminals of the dock, by the guest's name. */
  screen(name: string): Locator;
  open(name: string): Promise<void>;
}

/** Guests with a shell each, a folder with the flood, and the window on them. null: there is no browser here. */
async function consolesOf(context: BenchContext, count: number, line = lineOf): Promise<Consoles | null> {
  const home = makeBenchHome(context, 'home');
  const engine = await home.engine();
  await engine.call('images.build', { builder: 'busybox' });
  const folder = join(context.folder, 'flood');
  await mkdir(folder);
  await writeFlood(join(folder, 'text'), line);
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    const { id, name } = await createGuest(engine, {
      isolation: 'container',
      image: 'busybox',
      network: 'none',
      tty: true,
      command: ['sh'],
      mounts: [{ source: folder, target: '/flood', readOnly: true }],
    });
    await engine.call('guests.start', { guest: id });
    names.push(name);
  }
  await home.leave();
  const window = await openWindow(context, home);
  if (!window) return null;
  const { page } = window;
  const screen = (at: string) => page.getByRole('group', { name: `${names[Number(at)]}, main` });
  return {
    page,
    screen,
    async open(at) {
      await page.getByRole('row', { name: new RegExp(`^${names[Number(at)]} `) }).click();
      await page.getByRole('button', { name: 'Console', exact: true }).click();
      await screen(at).waitFor();
      await page.waitForFunction((node) => /[#$] *$/m.test((node as HTMLElement).innerText), await rows(screen(at)));
    },
  };
}

const rows = async (screen: Locator) => {
  const handle = await screen.locator('.xterm-rows').elementHandle();
  if (!handle) throw new Error('The terminal draws no rows.');
  return handle;
};

const ABSENT: Absent = { role: 'ours', label: 'the served window', absent: 'no Chromium on this machine' };

/** From Enter until the last line of a flood is on the screen. */
async function flood({ page, screen }: Consoles, at: string, round: number): Promise<number> {
  await screen(at).click();
  await page.keyboard.type(`cat /flood/text; echo "end"-${round}-$((6 * 7))`);
  return fromKey(page, await rows(screen(at)), 'Enter', { text: `end-${round}-42` }, FLOOD_MS);
}

/** xterm.js alone, on a page of its own with the same options as ours, fed with the same bytes from memory. */
async function xtermAlone(page: Page): Promise<Page> {
  // A page that came with a context of its own takes no second one beside it.
  const browser = page.context().browser();
  if (!browser) throw new Error('Chromium was closed.');
  const alone = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await alone.setContent('<div id="host" style="width:1100px;height:160px"></div>');
  await alone.addScriptTag({ path: resolve('@xterm/xterm') });
  await alone.addStyleTag({ path: resolve('@xterm/xterm/css/xterm.css') });
  return alone;
}

function parseAlone(alone: Page): Promise<number> {
  return alone.evaluate(
    async ({ bytes, piece, columns, source }) => {
      const line = new Function('n', `return (${source})(n)`) as (n: number) => string;
      const host = document.getElementById('host') as HTMLElement;
      host.replaceChildren();
      const { Terminal } = window as unknown as { Terminal: new (options: object) => XtermAlone };
      const xterm = new Terminal({
        cols: columns,
        rows: 8,
        scrollback: 10_000,
        minimumContrastRatio: 4.5,
        logLevel: 'off',
      });
      xterm.open(host);
      const encoder = new TextEncoder();
      // Made before the clock starts; a piece of the flood is as good as all of it.
      let text = '';
      for (let n = 0; text.length < 8_000_000; n++) text += `${line(n)}\r\n`;
      const memory = encoder.encode(text);
      const began = performance.now();
      let written = 0;
      while (written < bytes) {
        const from = written % (memory.length - piece);
        await new Promise<void>((done) => xterm.write(memory.subarray(from, from + piece), done));
        written += piece;
      }
      const took = performance.now() - began;
      xterm.dispose();
      return took;
    },
    { bytes: FLOOD_BYTES, piece: PIECE, columns: COLUMNS, source: lineOf.toString() },
  );
}

interface XtermAlone {
  open(host: HTMLElement): void;
  write(bytes: Uint8Array, done: () => void): void;
  dispose(): void;
}

export const consoleFlood: Bench = {
  name: 'console-flood',
  about: `${FLOOD_BYTES / 1e6} MB from a program in a container to the last line on the screen, in Chromium`,
  goals: [{ of: 'ours/floor', atMost: 1 / 0.8 }],
  rounds: 3,
  warmups: 0,
  long: true,
  async prepare(context) {
    const consoles = await consolesOf(context, 1);
    if (!consoles) return [ABSENT];
    await consoles.open('0');
    const alone = await xtermAlone(consoles.page);
    let round = 0;
    return [
      {
        role: 'ours',
        label: 'a container’s terminal in the served window',
        run: async () => {
          await consoles.page.bringToFront();
          return { ms: await flood(consoles, '0', round++) };
        },
      },
      {
        role: 'floor',
        label: 'xterm.js alone, bytes from memory',
        run: async () => {
          await alone.bringToFront();
          return { ms: await parseAlone(alone) };
        },
      },
    ];
  },
};

/** Between two keys, as of who types quickly (ms). Sooner, a key falls into the frames that the one before it set going. */
const BETWEEN_KEYS_MS = 100;

/** From a key to what it made on the screen. */
async function echo({ page, screen }: Consoles, at: string): Promise<number> {
  await sleep(BETWEEN_KEYS_MS);
  return fromKey(page, await rows(screen(at)), 'x', 'change', 10_000);
}

/** Two consoles beside each other: what is typed goes into the first. */
async function beside(context: BenchContext): Promise<Consoles | null> {
  const consoles = await consolesOf(context, 2);
  if (!consoles) return null;
  await consoles.open('0');
  await consoles.page
    .getByRole('region', { name: 'Consoles' })
    .getByRole('button', { name: /^Split/ })
    .click();
  await consoles.open('1');
  await consoles.screen('0').click();
  return consoles;
}

export const consoleEcho: Bench = {
  name: 'console-echo',
  about: 'a key pressed in a container’s terminal to its echo drawn in the page, in Chromium (a frame is 16.7 ms)',
  goals: [{ of: 'ours p95', atMost: 15 }],
  rounds: 100,
  warmups: 5,
  long: true,
  async prepare(context) {
    const consoles = await beside(context);
    if (!consoles) return [ABSENT];
    return [{ role: 'ours', label: 'nothing else going on', run: async () => ({ ms: await echo(consoles, '0') }) }];
  },
};

export const consoleEchoFlooded: Bench = {
  name: 'console-echo-flooded',
  about: 'the same while another console beside it is flooded',
  goals: [{ of: 'ours p95', atMost: 50 }],
  rounds: 100,
  warmups: 5,
  long: true,
  async prepare(context) {
    const consoles = await beside(context);
    if (!consoles) return [ABSENT];
    await consoles.screen('1').click();
    await consoles.page.keyboard.type('while :; do cat /flood/text; done');
    await consoles.page.keyboard.press('Enter');
    await consoles.screen('0').click();
    return [{ role: 'ours', label: 'beside a flood', run: async () => ({ ms: await echo(consoles, '0') }) }];
  },
};

/** From Ctrl-C in a flood to the shell's next prompt. */
async function quiet({ page, screen }: Consoles, at: string): Promise<number> {
  await screen(at).click();
  await page.keyboard.type('cat /flood/text');
  await page.keyboard.press('Enter');
  await page.waitForFunction((node) => /quick brown/.test((node as HTMLElement).innerText), await rows(screen(at)));
  await page.waitForTimeout(500);
  return fromKey(page, await rows(screen(at)), 'Control+c', 'prompt', 60_000);
}

export const consoleQuiet: Bench = {
  name: 'console-quiet',
  about: 'Ctrl-C in a flooding terminal to the shell’s prompt on the screen, in Chromium',
  goals: [{ of: 'ours p95', atMost: 200 }],
  rounds: 20,
  warmups: 1,
  long: true,
  async prepare(context) {
    const consoles = await consolesOf(context, 1, plainOf);
    if (!consoles) return [ABSENT];
    await consoles.open('0');
    return [
      { role: 'ours', label: 'a flood in the served window', run: async () => ({ ms: await quiet(consoles, '0') }) },
    ];
  },
};
