/** Ending a container: politely, then not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../contract/errors.ts';
import { signalProcess } from '../../host/process-ref.ts';
import { setPaused } from './paused.ts';
import type { Run, Runs } from './runs.ts';

/** From SIGKILL to the end of all its processes (ms). A process in an uninterruptible wait may take this long. */
const KILL_TIMEOUT_MS = 20_000;

export async function stopRun(runs: Runs, run: Run, graceMs: number, signal: AbortSignal): Promise<void> {
  await unpause(runs, run);
  signalProcess(run.record.main, run.record.stopSignal ?? 'SIGTERM');
  const given = new AbortController();
  const cancel = () => given.abort();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const ended = await Promise.race([
      run.exited.then(() => true),
      sleep(graceMs, false, { signal: given.signal }).catch(() => null),
    ]);
    if (ended === null) throw new GuesthouseError({ code: 'cancelled', message: 'Cancelled.', subject: run.guestId });
    if (!ended) await killRun(runs, run);
  } finally {
    signal.removeEventListener('abort', cancel);
    given.abort();
  }
}

/** Ends its first process, and with it the whole PID namespace. */
export async function killRun(runs: Runs, run: Run): Promise<void> {
  signalProcess(run.record.main, 'SIGKILL');
  // A frozen group holds on to its killed processes until it is thawed.
  await unpause(runs, run).catch(() => {});
  const timer = new AbortController();
  const late = sleep(KILL_TIMEOUT_MS, true, { signal: timer.signal }).catch(() => false);
  const isLate = await Promise.race([run.exited.then(() => false), late]);
  timer.abort();
  if (!isLate) return;
  throw new GuesthouseError({
    code: 'timeout',
    message: 'The container did not end within 20 s of being killed.',
    subject: run.guestId,
    hint: 'One of its processes waits for a device or a network share of the host.',
  });
}

async function unpause(runs: Runs, run: Run): Promise<void> {
  if (!run.record.paused) return;
  await setPaused(
    run.guestId,
    run.record.main,
    [...run.execs.values()].map(({ main }) => main),
    false,
  );
  runs.update(run, { paused: false });
}
