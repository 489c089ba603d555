/**
 * The line to our init in the guest (assets/guest-init/init). QEMU's pipe chardev: `agent.in` and `agent.out` are FIFOs
 * that it holds open, so the guest can read and write whether or not an engine runs. A `dd` copies what the guest
 * reports to a file, so an exit code is kept; its count is what a guest can fill of our memory, ever. After that the
 * FIFO fills up and the guest's own writes wait.
 */
import { constants, type FSWatcher, watch } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { makeFifo } from '../../host/fifo.ts';
import { spawnDaemon } from '../../host/process.ts';
import { type ProcessRef, processRef } from '../../host/process-ref.ts';
import type { MachinePaths } from './run-record.ts';

export interface AgentReport {
  readonly hello: boolean;
  readonly exitCode: number | null;
  readonly problems: readonly string[];
}

/** A line of init's has less (bytes); `dd` writes down whatever one read gives it at once. */
const REPORT_READ_BYTES = 256;
/** Reads, each of one line in practice. */
const REPORT_READS = 256;
export const REPORT_MAX_BYTES = REPORT_READ_BYTES * REPORT_READS;

/** `hello`: the guest goes on from where it had said so already. */
export async function prepareAgent(files: MachinePaths, hello = false): Promise<void> {
  await writeFile(files.report, hello ? 'hello\n' : '', { mode: 0o600 });
  for (const path of [files.agentIn, files.agentOut]) makeFifo(path);
}

/** Waits for QEMU, and ends with it. Started after it, since a guest takes far longer until it reports. */
export function startReporter(files: MachinePaths): ProcessRef | null {
  const copy = [`if=${files.agentOut}`, `of=${files.report}`, `bs=${REPORT_READ_BYTES}`, `count=${REPORT_READS}`];
  // In the run folder, by which a later engine finds it should we end before it is written down.
  const child = spawnDaemon(['dd', ...copy, 'conv=notrunc', 'oflag=append', 'status=none'], {
    logFile: files.qemuLog,
    cwd: files.run,
  });
  child.on('error', () => {}); // without it nothing is reported, but the machine runs
  return child.pid === undefined ? null : processRef(child.pid);
}

/** Throws `disconnected` when QEMU does not hold the other end. */
export async function tellAgent(files: MachinePaths, line: string): Promise<void> {
  // The folder is QEMU's: it could have put a link there.
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const unheard = (cause: string) =>
    new GuesthouseError({ code: 'disconnected', message: 'The guest cannot be told anything.', cause });
  const file = await open(files.agentIn, flags).catch((error: Error) => {
    throw unheard(error.message);
  });
  try {
    if (!(await file.stat()).isFIFO()) throw unheard('The line to it was replaced.');
    await file.write(`${line}\n`);
  } finally {
    await file.close();
  }
}

export async function readAgent(files: MachinePaths): Promise<AgentReport> {
  return parseReport(await readFile(files.report, 'utf8').catch(() => ''));
}

export function parseReport(text: string): AgentReport {
  let hello = false;
  let exitCode: number | null = null;
  const problems: string[] = [];
  for (const line of text.split('\n')) {
    if (line === 'hello') hello = true;
    const code = /^exit (\d{1,3})$/.exec(line)?.[1];
    if (code !== undefined) exitCode = Number(code);
    const problem = /^problem (.{1,200})$/.exec(line)?.[1];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it comes from the guest and is shown to a person
    if (problem && problems.length < 10) problems.push(problem.replace(/[\x00-\x1f\x7f]/g, ' '));
  }
  return { hello, exitCode, problems };
}

/** Calls `onReport` after every change. Does not keep the process alive. */
export function watchAgent(files: MachinePaths, onReport: (report: AgentReport) => void): { close(): void } {
  let watcher: FSWatcher | null = null;
  let reading = false;
  const look = async () => {
    if (reading) return;
    reading = true;
    onReport(await readAgent(files));
    reading = false;
  };
  try {
    watcher = watch(files.report, { persistent: false }, () => void look());
    watcher.on('error', () => {});
  } catch {
    // Problems then show at the next start only.
  }
  return { close: () => watcher?.close() };
}
