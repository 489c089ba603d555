/**
 * `npm run bench -- [NAME…] [--json] [--rounds N] [--warmups N] [--check] [--list]`: measures us, the peer and the floor
 * in one run. With `--check` a missed goal is a failure (exit code 1).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Undo } from '../../engine/host/undo.ts';
import { cliRun } from './benches/cli-run.ts';
import { consoleEcho, consoleEchoFlooded, consoleFlood, consoleQuiet } from './benches/console.ts';
import { containerStart } from './benches/container-start.ts';
import { density } from './benches/density.ts';
import { displayDelay, displayFrames } from './benches/display.ts';
import { graphRange } from './benches/graph-range.ts';
import { inGuest } from './benches/in-guest.ts';
import { ls } from './benches/ls.ts';
import { networkStart } from './benches/network-start.ts';
import { parallelStart } from './benches/parallel-start.ts';
import { pull } from './benches/pull.ts';
import { snapshot } from './benches/snapshot.ts';
import { uiRows } from './benches/ui-rows.ts';
import { uiStart } from './benches/ui-start.ts';
import { vmMany } from './benches/vm-many.ts';
import { vmStart } from './benches/vm-start.ts';
import { type Bench, type BenchResult, runBench } from './harness.ts';
import { describeMachine } from './machine.ts';
import { reportBench, reportMachine } from './report.ts';

const BENCHES: readonly Bench[] = [
  containerStart,
  cliRun,
  networkStart,
  parallelStart,
  inGuest,
  snapshot,
  vmStart,
  vmMany,
  ls,
  pull,
  density,
  displayDelay,
  displayFrames,
  consoleFlood,
  consoleEcho,
  consoleEchoFlooded,
  consoleQuiet,
  uiRows,
  uiStart,
  graphRange,
];

const say = (line: string) => process.stderr.write(`${line}\n`);

async function measure(bench: Bench, values: { rounds?: string; warmups?: string }, signal: AbortSignal) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-bench-'));
  const undo = new Undo();
  undo.defer('the folder of the run', () => rmSync(folder, { recursive: true, force: true }));
  try {
    return await runBench(
      bench,
      { folder, defer: (what, how) => undo.defer(what, how), say: (line) => say(`${bench.name}: ${line}`) },
      { rounds: count(values.rounds, bench.rounds), warmups: count(values.warmups, bench.warmups), signal },
    );
  } finally {
    await undo.rollback((what, error) => say(`${bench.name}: could not take back ${what}: ${error}`));
  }
}

function count(wished: string | undefined, otherwise: number): number {
  if (wished === undefined) return otherwise;
  const number = Number(wished);
  if (!Number.isInteger(number) || number < 0 || number > 1000) throw new Error(`Not a number of rounds: ${wished}`);
  return number;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      warmups: { type: 'string' },
    },
  });
  if (values.list) {
    for (const { name, about } of BENCHES) process.stdout.write(`${name}: ${about}\n`);
    return 0;
  }
  const unknown = positionals.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown !== undefined) {
    say(`There is no bench ${unknown}. There are: ${BENCHES.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  // The first Ctrl-C ends the run and cleans up; what runs inside is asked at its next step.
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => abort.abort(new Error(`ended by ${signal}`)));
  }
  const machine = describeMachine();
  const results: BenchResult[] = [];
  let failed = false;
  for (const bench of BENCHES) {
    const isWanted = positionals.length === 0 ? !bench.long : positionals.includes(bench.name);
    if (abort.signal.aborted || !isWanted) continue;
    try {
      results.push(await measure(bench, values, abort.signal));
    } catch (error) {
      failed = true;
      say(`${bench.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
  else process.stdout.write(`${[reportMachine(machine), ...results.map(reportBench)].join('\n\n')}\n`);
  const missed = results.some(({ goals }) => goals.some(({ met }) => met === false));
  return failed || (values.check && missed) ? 1 : 0;
}

process.exitCode = await main();
// Handles of an engine that could not be closed must not keep the run from ending.
setTimeout(() => process.exit(), 3000).unref();
