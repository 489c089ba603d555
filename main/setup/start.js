/** `npm start`: set-up, then the window, in Electron when its program is here, else served to a browser. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { wayToShow } from './browser.js';
import { npmEnv } from './node24.js';
import { whenOrphaned } from './orphaned.js';
import { runFile } from './run.js';
import { main, SetupError, say } from './say.js';
import { electronProgram, ROOT, setUp } from './setup.js';
import { ensureBuilt } from './window.js';

const HELP = `npm start [-- options]

Sets up what is missing, then opens the window.

  --browser     serve the window to a browser even when Electron is here
  --no-open     serve it and print its address; open nothing
  --port N      port on 127.0.0.1 to serve on (default: any free one)
  --help        this text

Closing the window or Ctrl-C ends Guesthouse. Guests go on; the next start finds them again.
Data is kept in $GUESTHOUSE_HOME, or else in ~/.local/share/guesthouse.
On the command line: npx guesthouse --help
`;

/** The server answers within this time or not at all (ms). */
const READY_DEADLINE_MS = 30_000;
/** A browser that ends sooner has handed the page to a window that was already open (ms). */
const HANDED_OVER_MS = 3_000;

const args = process.argv.slice(2);
await main(async () => {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const node = await setUp('run');
  const why = whyNoElectron();
  if (why) return serve(node, why);
  await ensureBuilt(ROOT, node, 'electron');
  say('opening the window in Electron');
  return runFile(electronProgram(), [ROOT]);
});

/** @returns {string | null} */
function whyNoElectron() {
  if (args.includes('--no-open')) return 'as asked';
  if (args.includes('--browser')) return 'as asked';
  if (!existsSync(electronProgram())) return 'the Electron program is not here (npx install-electron would fetch it)';
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display here';
  return process.getuid?.() === 0 ? 'Electron does not run as root' : null;
}

/** @param {string} node @param {string} why @returns {Promise<number>} */
async function serve(node, why) {
  const forServer = args.filter((arg) => arg !== '--browser' && arg !== '--no-open');
  const command = [join(ROOT, 'main', 'cli', 'guesthouse.js'), 'serve', '--json', ...forServer];
  // The channel says nothing: it breaks when this process is killed, and the server ends by that.
  const server = spawn(node, command, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...npmEnv(node), GUESTHOUSE_LAUNCHER: '1' },
  });
  const ended = new Promise((/** @type {(code: number) => void} */ resolve) => {
    server.on('close', (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
  let stopping = false;
  const stop = () => {
    stopping = true;
    server.kill('SIGTERM');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  whenOrphaned(stop);

  const served = await firstLine(server, ended);
  if (served) show(served, why, stop);
  const code = await ended;
  return stopping ? 0 : code;
}

/**
 * `url` is for the person; `launchUrl` for a program's command line, which every user of the host can read: it opens once.
 * @typedef {{ url: string, launchUrl: string }} Served
 * @param {Served} served @param {string} why @param {() => void} stop
 */
function show({ url, launchUrl }, why, stop) {
  const way = wayToShow(launchUrl, { env: process.env, uid: process.getuid?.() ?? 1 });
  if (way.kind === 'none' || args.includes('--no-open')) {
    say(`serving the window (${way.kind === 'none' ? way.why : why}). Open this address; Ctrl-C ends:`);
    process.stdout.write(`${url}\n`);
    return;
  }
  say(`opening the window ${way.why}: ${why}. Ctrl-C ends.`);
  const [program, ...rest] = /** @type {[string, ...string[]]} */ (way.argv);
  const startedAt = Date.now();
  const browser = spawn(program, rest, { stdio: 'ignore' });
  const byHand = () => process.stdout.write(`${url}\n`);
  browser.on('error', byHand);
  browser.on('close', (code) => {
    const isOver = way.kind === 'app' && Date.now() - startedAt > HANDED_OVER_MS;
    if (isOver) stop();
    else if (code !== 0) byHand();
  });
}

/**
 * The addresses the server prints once it is ready; null when it ended before that, having said why itself.
 * @param {import('node:child_process').ChildProcess} server
 * @param {Promise<number>} ended
 * @returns {Promise<Served | null>}
 */
function firstLine(server, ended) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      server.kill('SIGTERM');
      reject(new SetupError('The server was not ready within 30 seconds.', 'See what it says: npx guesthouse serve'));
    }, READY_DEADLINE_MS);
    const done = (/** @type {Served | null} */ served) => {
      clearTimeout(late);
      resolve(served);
    };
    void ended.then(() => done(null));
    if (!server.stdout) return done(null);
    createInterface({ input: server.stdout }).on('line', (line) => {
      try {
        done(JSON.parse(line));
      } catch {
        process.stdout.write(`${line}\n`);
      }
    });
  });
}
