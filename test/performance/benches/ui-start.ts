/** From nothing to a list that is painted, and what has to be loaded for it. The guests are a scripted engine's (see ui-rows). */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { until } from '../../fixtures/home.ts';
import { hear, openChromium, unobserved } from '../chromium.ts';
import type { Bench, BenchContext } from '../harness.ts';

const GUESTS = 1_000;
/** A list that is not there by then is a failure (ms). */
const PAINTED_MS = 30_000;
const WINDOW = fileURLToPath(new URL('../../../dist/renderer/', import.meta.url));
const ENGINE = fileURLToPath(new URL('../../fakes/engine.ts', import.meta.url));

/** In a process of its own, as the server is for a person: this one talks to the browser all the while. Answers its address. */
async function scripted(context: BenchContext): Promise<string> {
  const engine = spawn(process.execPath, [ENGINE, '--guests', String(GUESTS), '--bench'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.defer('the scripted engine', () => engine.kill('SIGTERM'));
  let said = '';
  engine.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const { url } = JSON.parse((await until(() => /^\{.*\}\n/m.exec(said)?.[0])) as string);
  return url;
}

export const uiStart: Bench = {
  name: 'ui-start',
  about: `a list of ${GUESTS} guests painted, from the first byte of the document on; and the script loaded for it`,
  goals: [
    { of: 'ours', ours: 'list painted', atMost: 500 },
    { of: 'ours', ours: 'script', atMost: 450 },
  ],
  rounds: 9,
  warmups: 2,
  async prepare(context) {
    const url = await scripted(context);
    const browser = await openChromium(context);
    return [
      {
        role: 'ours',
        label: 'list painted',
        async run() {
          const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
          await page.addInitScript(() => {
            const watch = new MutationObserver(() => {
              if (document.querySelectorAll('[data-guest]').length < 8) return;
              watch.disconnect();
              requestAnimationFrame(() =>
                setTimeout(() => {
                  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
                  const tell = (window as unknown as { listPainted(text: string): void }).listPainted;
                  tell(String(performance.now() - (navigation?.responseStart ?? Number.NaN)));
                }),
              );
            });
            watch.observe(document, { subtree: true, childList: true });
          });
          await unobserved(page);
          const cdp = await page.context().newCDPSession(page);
          await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
          const painted = (await hear(page, 'listPainted')).next(PAINTED_MS);
          await page.goto(url, { waitUntil: 'commit' });
          const ms = Number(await painted);
          const { metrics } = await cdp.send('Performance.getMetrics');
          const task = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
          await page.context().close();
          return { ms, more: { 'of it processor time of the page’s thread': task * 1000 } };
        },
      },
      {
        role: 'ours',
        label: 'script, compressed',
        unit: 'KB',
        async run() {
          const page = await browser.newPage();
          const names = new Set<string>();
          page.on('response', (response) => {
            const name = new URL(response.url()).pathname.split('/').at(-1) ?? '';
            if (name.endsWith('.js')) names.add(name);
          });
          await page.goto(url);
          await page.waitForSelector('[data-guest]');
          await page.close();
          const files = readdirSync(WINDOW, { recursive: true, encoding: 'utf8' }).filter((file) =>
            [...names].some((name) => file.endsWith(name)),
          );
          const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(WINDOW, file))).length, 0);
          return { value: bytes / 1000 };
        },
      },
    ];
  },
};
