/**
 * The line to our init in the guest (assets/guest-init/init). QEMU's pipe chardev: `agent.in` is a FIFO the guest reads,
 * `agent.out` a plain file that receives what it writes, so an exit code is kept while no engine runs.
 */
import { constants, type FSWatcher, watch } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { run } from '../../host/process.ts';
import type { MachinePaths } from './run-record.ts';

export interface AgentReport {
  readonly hello: boolean;
  readonly exitCode: number | null;
  readonly problems: readonly string[];
}

/** The guest is not trusted: of what it reports only the last so many bytes are read. */
const REPORT_TAIL_BYTES = 16 * 1024;
/** Once the file is this large (bytes) its blocks are given back; QEMU goes on behind the hole. */
const REPORT_MAX_BYTES = 256 * 1024;

export async function prepareAgent(files: MachinePaths): Promise<void> {
  await rm(files.agentIn, { force: true });
  await writeFile(files.agentOut, '', { mode: 0o600 });
  await run(['mkfifo', '-m', '0600', files.agentIn]);
}

/** Throws `disconnected` when QEMU does not hold the other end. */
export async function tellAgent(files: MachinePaths, line: string): Promise<void> {
  const file = await open(files.agentIn, constants.O_WRONLY | constants.O_NONBLOCK).catch((error: Error) => {
    throw new GuesthouseError({
      code: 'disconnected',
      message: 'The guest cannot be told anything.',
      cause: error.message,
    });
  });
  try {
    await file.write(`${line}\n`);
  } finally {
    await file.close();
  }
}

export async function readAgent(files: MachinePaths): Promise<AgentReport> {
  const file = await open(files.agentOut, 'r').catch(() => null);
  if (!file) return parseReport('');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, REPORT_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return parseReport(size > length ? `hello\n${text}` : text);
  } finally {
    await file.close();
  }
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

/** Calls `onReport` after every change, and keeps the file small. Does not keep the process alive. */
export function watchAgent(files: MachinePaths, onReport: (report: AgentReport) => void): { close(): void } {
  let watcher: FSWatcher | null = null;
  let reading = false;
  const look = async () => {
    if (reading) return;
    reading = true;
    try {
      onReport(await readAgent(files));
      const file = await open(files.agentOut, 'r+').catch(() => null);
      if (file) {
        const { blocks } = await file.stat();
        if (blocks * 512 > REPORT_MAX_BYTES) await file.truncate(0);
        await file.close();
      }
    } catch {
      // The run folder is gone: the guest ended.
    } finally {
      reading = false;
    }
  };
  try {
    watcher = watch(files.agentOut, { persistent: false }, () => void look());
    watcher.on('error', () => {});
  } catch {
    // Problems then show at the next start only.
  }
  return { close: () => watcher?.close() };
}
