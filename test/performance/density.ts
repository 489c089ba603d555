/**
 * `npm run density -- [--guests N] [--json]`: N running containers (1,000 unless told) in one home, and what they cost:
 * the rate they start at, a list of all, a second of sampling, and memory outside the guests' own processes, beside the
 * memory of bare conmon. Needs about 8 MiB per container.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Undo } from '../../engine/host/undo.ts';
import { type Engine, openEngine, resolvePaths } from '../../engine/index.ts';
import { open as openOwner } from '../../main/join.ts';

const execute = promisify(execFile);
const CLI = fileURLToPath(new URL('../../main/cli/guesthouse.js', import.meta.url));
const DEFAULT_GUESTS = 1000;
/** Guests per line of the report. */
const STEP = 100;
const SAMPLED_SECONDS = 15;
const LISTINGS = 5;
const REMOVED_AT_ONCE = 4;

export interface Density {
  readonly guests: number;
  /** Milliseconds per create and start, one by one, for each hundred. */
  readonly startMs: readonly number[];
  /** Milliseconds of `guesthouse ls --json` from another process, less those of `node -e 0`; median. */
  readonly listMs: number;
  /** The same while a window is open. */
  readonly listJoinedMs: number;
  /** Milliseconds of the call in the process that owns the home; median. */
  readonly listCallMs: number;
  /** Of one core, of the engine's process while it samples once a second and nobody does anything. */
  readonly samplingPercent: number;
  /** Proportional set size per container (KiB): everything of ours that is not the guest's program. */
  readonly overheadKib: number;
  readonly conmonKib: number;
  readonly engineRssMib: number;
  /** Milliseconds to let go of the home and to own it again with all of them running. */
  readonly reopenMs: number;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

async function measure(count: number, undo: Undo): Promise<Density> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-density-'));
  undo.defer('the folder', () => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, GUESTHOUSE_HOME: folder };
  const paths = resolvePaths(env);
  const open = async () => {
    const engine = await openEngine({ paths, background: true });
    if (!engine) throw new Error('The home has another owner.');
    return engine;
  };
  let engine = await open();
  undo.defer('the guests', async () => {
    await removeAll(engine);
    await engine.close();
    rmSync(paths.run, { recursive: true, force: true });
  });
  await engine.call('images.build', { builder: 'busybox' });

  const before = ours();
  const startMs: number[] = [];
  for (let done = 0; done < count; done += STEP) {
    const size = Math.min(STEP, count - done);
    const began = performance.now();
    for (let index = 0; index < size; index++) await startOne(engine, `g${done + index}`);
    startMs.push((performance.now() - began) / size);
    say(`${done + size} run; ${startMs.at(-1)?.toFixed(1)} ms each of the last ${size}`);
  }

  await sleep(3000);
  const cpu = process.cpuUsage();
  await sleep(SAMPLED_SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const samplingPercent = ((user + system) / 1e6 / SAMPLED_SECONDS) * 100;

  const listCallMs = await median(LISTINGS, () => engine.call('guests.list', {}));
  const memory = ours();
  const rss = process.memoryUsage().rss;
  await engine.close();
  const began = performance.now();
  engine = await open();
  const reopenMs = performance.now() - began;
  await engine.close();
  const node = await median(LISTINGS, () => execute(process.execPath, ['-e', '0']));
  const listMs = (await median(LISTINGS, () => listed(env, count))) - node;
  const owner = await openOwner({ paths, background: true });
  const listJoinedMs = (await median(LISTINGS, () => listed(env, count))) - node;
  await owner?.close();
  engine = await open();
  return {
    guests: count,
    startMs,
    listMs,
    listJoinedMs,
    listCallMs,
    samplingPercent,
    overheadKib: (memory.all - before.all) / count,
    conmonKib: memory.conmons / memory.conmonCount,
    engineRssMib: rss / 2 ** 20,
    reopenMs,
  };
}

async function startOne(engine: Engine, name: string): Promise<void> {
  const draft = {
    name,
    isolation: 'container',
    image: 'busybox',
    memoryMib: 16,
    command: ['sleep', '1000000'],
  } as const;
  const { id } = await engine.call('guests.create', { draft });
  await engine.call('guests.start', { guest: id });
}

async function removeAll(engine: Engine): Promise<void> {
  const left = [...(await engine.call('guests.list', {}))];
  say(`removes ${left.length}`);
  const worker = async () => {
    for (let guest = left.pop(); guest; guest = left.pop()) {
      await engine.call('guests.remove', { guest: guest.id, force: true });
    }
  };
  await Promise.all(Array.from({ length: REMOVED_AT_ONCE }, worker));
}

async function listed(env: NodeJS.ProcessEnv, count: number): Promise<void> {
  const { stdout } = await execute(process.execPath, [CLI, 'ls', '--json'], { env, maxBuffer: 2 ** 28 });
  const { length } = JSON.parse(stdout) as unknown[];
  if (length !== count) throw new Error(`ls shows ${length} guests instead of ${count}.`);
}

async function median(times: number, act: () => Promise<unknown>): Promise<number> {
  const measured: number[] = [];
  for (let time = 0; time < times; time++) {
    const began = performance.now();
    await act();
    measured.push(performance.now() - began);
  }
  return measured.sort((a, b) => a - b)[Math.floor(times / 2)] as number;
}

/** Proportional set sizes (KiB) of what keeps containers; the guests' own `sleep` is theirs. */
function ours(): { all: number; conmons: number; conmonCount: number } {
  const sum = { all: 0, conmons: 0, conmonCount: 0 };
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (!['conmon', 'slirp4netns', 'dnsmasq', 'holder'].includes(name)) continue;
      const kib = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
      sum.all += kib;
      if (name === 'conmon') {
        sum.conmons += kib;
        sum.conmonCount += 1;
      }
    } catch {
      // it ended just now
    }
  }
  return sum;
}

function report(density: Density): string {
  const {
    guests,
    startMs,
    listMs,
    listJoinedMs,
    listCallMs,
    samplingPercent,
    overheadKib,
    conmonKib,
    engineRssMib,
    reopenMs,
  } = density;
  return [
    `${guests} containers running`,
    `  started one by one: first hundred ${startMs[0]?.toFixed(1)} ms each, last ${startMs.at(-1)?.toFixed(1)} ms each`,
    `  listed by the command line in ${listJoinedMs.toFixed(0)} ms beyond node beside a window (goal 200), in ${listMs.toFixed(0)} ms without, by a call in ${listCallMs.toFixed(1)} ms`,
    `  sampled every second with ${samplingPercent.toFixed(1)} % of one core (goal 5)`,
    `  ${overheadKib.toFixed(0)} KiB each outside the guest; conmon alone ${conmonKib.toFixed(0)} KiB: ${(overheadKib / conmonKib).toFixed(2)}x (goal 1.2)`,
    `  the engine has ${engineRssMib.toFixed(0)} MiB resident, and meets all of them again in ${reopenMs.toFixed(0)} ms`,
    '',
  ].join('\n');
}

const { values } = parseArgs({ options: { guests: { type: 'string' }, json: { type: 'boolean', default: false } } });
const undo = new Undo();
let interrupted = false;
process.on('SIGINT', () => {
  interrupted = true;
});
try {
  const density = await measure(Number(values.guests ?? DEFAULT_GUESTS), undo);
  process.stdout.write(values.json ? `${JSON.stringify(density)}\n` : report(density));
} finally {
  await undo.rollback((what, error) => say(`could not take back ${what}: ${error}`));
}
if (interrupted) process.exitCode = 130;
