/**
 * A machine's memory and devices as one stream in a file (QEMU's migration, docs/devel/migration.rst). QEMU may open no
 * file itself, so it is handed one.
 */
import { open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuesthouseError } from '../../../contract/errors.ts';
import type { OperationContext } from '../../driver.ts';
import type { Qmp } from '../qmp/client.ts';

/** QEMU limits itself to 128 MiB/s otherwise (bytes per second). */
const MAX_BANDWIDTH = 2 ** 40;
const FIRST_LOOK_MS = 2;
const LOOK_MS = 25;
/** Without any progress for this long, the host's disk does not take it (ms). */
const STUCK_MS = 120_000;

interface Migration {
  readonly status?: string;
  readonly 'error-desc'?: string;
  readonly ram?: { readonly transferred: number; readonly total: number; readonly remaining: number };
}

/**
 * Of a machine whose processors stand still, so that it is what it was at one moment. Afterwards QEMU has let go of its
 * disks until it goes on. The file is whole when this resolves, and on the disk when `durable` does.
 */
export async function saveMemory(
  qmp: Qmp,
  path: string,
  guestName: string,
  { signal, progress }: Pick<OperationContext, 'signal' | 'progress'>,
): Promise<{ readonly bytes: number; durable(): Promise<void> }> {
  const file = await open(path, 'wx+', 0o600);
  try {
    await qmp.execute('migrate-set-parameters', { 'max-bandwidth': MAX_BANDWIDTH });
    await qmp.execute('getfd', { fdname: 'memory' }, file.fd);
    try {
      await qmp.execute('migrate', { uri: 'fd:memory' });
    } catch (error) {
      throw impossible(guestName, String((error as GuesthouseError).cause ?? ''));
    }
    await whenDone(qmp, guestName, signal, progress);
    const { size } = await file.stat();
    return {
      bytes: size,
      async durable() {
        try {
          await file.sync();
        } finally {
          await file.close();
        }
      },
    };
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
}

const UNDER_WAY = ['setup', 'active', 'device', 'cancelling', 'pre-switchover'];
const END_TIMEOUT_MS = 1_000;

/** Ends the keeping of a memory that nobody waits for any more: with its end, QEMU would stand still once more. */
export async function endSaving(qmp: Qmp): Promise<void> {
  const isUnderWay = async () => UNDER_WAY.includes(((await qmp.execute('query-migrate')) as Migration).status ?? '');
  if (!(await isUnderWay())) return;
  await qmp.execute('migrate_cancel');
  const until = performance.now() + END_TIMEOUT_MS;
  while ((await isUnderWay()) && performance.now() < until) await sleep(FIRST_LOOK_MS);
}

async function whenDone(
  qmp: Qmp,
  guestName: string,
  signal: AbortSignal,
  progress: OperationContext['progress'],
): Promise<void> {
  let seen = -1;
  let since = performance.now();
  let isCancelled = false;
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(LOOK_MS, wait * 2)) {
    const found = (await qmp.execute('query-migrate')) as Migration;
    if (found.status === 'completed') return;
    if (found.status === 'cancelled') signal.throwIfAborted();
    if (found.status === 'failed' || found.status === 'cancelled') throw failed(guestName, found['error-desc']);
    if (found.ram) {
      const { transferred, remaining, total } = found.ram;
      progress({ step: 'Keeping the memory', fraction: total > 0 ? 1 - remaining / total : null });
      if (transferred !== seen) [seen, since] = [transferred, performance.now()];
    }
    if (!isCancelled && (signal.aborted || performance.now() - since > STUCK_MS)) {
      isCancelled = true;
      await qmp.execute('migrate_cancel');
    }
    await sleep(wait);
  }
}

function failed(guestName: string, cause = 'QEMU gave no reason.'): GuesthouseError {
  return new GuesthouseError({
    code: 'resources',
    message: `The memory of ${guestName} could not be kept.`,
    subject: guestName,
    cause: cause.slice(0, 400),
    hint: 'Look whether the disk of the host is full. A snapshot without memory needs less room.',
  });
}

/** QEMU names the device that cannot be kept. */
function impossible(guestName: string, cause: string): GuesthouseError {
  const isFolder = /virtio-?fs|vhost-user/i.test(cause);
  return new GuesthouseError({
    code: 'unsupported',
    message: `The memory of ${guestName} cannot be kept as it runs now.`,
    subject: guestName,
    cause: isFolder ? 'It has shared folders, whose state is outside of it.' : cause.slice(0, 400),
    hint: 'Take the snapshot without memory.',
  });
}
