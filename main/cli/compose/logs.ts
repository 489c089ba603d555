/** The logs of several guests at once, each line after the name of its service. */

import { serviceOf } from '../../../engine/compose/labels.ts';
import type { Client } from '../../../engine/contract/client.ts';
import type { Guest } from '../../../engine/contract/guest.ts';
import { type Output, toStderr, toStdout } from '../stream.ts';
import { createPrefixer } from './prefix.ts';

export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | null;
  readonly sinceMs: number | null;
  readonly signal: AbortSignal;
}

const COLOURS = [36, 33, 32, 35, 34, 31];
/** A guest that ended may be started anew by its policy; how long one call waits for that (ms). */
const RESTART_WAIT_MS = 600_000;

/** Resolves when all ended (or, without follow, were read), or when aborted. */
export async function showLogs(client: Client, guests: readonly Guest[], options: LogOptions): Promise<void> {
  const outputs = { stdout: toStdout(), stderr: toStderr() };
  const width = Math.max(...guests.map((guest) => serviceOf(guest).length));
  await Promise.all(
    guests.map((guest, index) => {
      const name = serviceOf(guest).padEnd(width);
      const colour = process.stdout.isTTY ? COLOURS[index % COLOURS.length] : undefined;
      return showOne(client, guest, colour ? `\x1b[${colour}m${name} |\x1b[0m ` : `${name} | `, outputs, options);
    }),
  );
  await Promise.all([outputs.stdout.flushed(), outputs.stderr.flushed()]);
}

async function showOne(
  client: Client,
  guest: Guest,
  prefix: string,
  outputs: { stdout: Output; stderr: Output },
  options: LogOptions,
): Promise<void> {
  let { sinceMs, tailLines } = options;
  while (!options.signal.aborted) {
    let channel: 'stdout' | 'stderr' = 'stdout';
    const lines = { stdout: createPrefixer(prefix), stderr: createPrefixer(prefix) };
    const stream = await client.open(
      'logs',
      {
        guest: guest.id,
        follow: options.follow,
        ...(options.timestamps ? { timestamps: true } : {}),
        ...(tailLines === null ? {} : { tailLines }),
        ...(sinceMs === null ? {} : { sinceMs }),
      },
      {
        onData: (bytes, from) => outputs[channel].write(lines[channel].add(bytes), () => from.consumed(bytes.length)),
        onControl: (mark) => {
          if (mark.type === 'output') channel = mark.channel;
        },
      },
    );
    const close = () => stream.close();
    options.signal.addEventListener('abort', close, { once: true });
    await stream.ended.catch((error) => {
      if (error.code !== 'cancelled' && error.code !== 'not-found') throw error;
    });
    options.signal.removeEventListener('abort', close);
    for (const name of ['stdout', 'stderr'] as const) {
      const rest = lines[name].end();
      if (rest.length > 0) outputs[name].write(rest, () => {});
    }
    if (!options.follow || options.signal.aborted) return;
    sinceMs = Date.now();
    tailLines = null;
    if (!(await runsAgain(client, guest.id, options.signal))) return;
  }
}

/** Whether its restart policy brings it back. */
async function runsAgain(client: Client, id: string, signal: AbortSignal): Promise<boolean> {
  const now = await client.call('guests.inspect', { guest: id }).catch(() => null);
  if (!now || signal.aborted) return false;
  if (now.state === 'running' || now.state === 'starting') return true;
  const { when } = now.spec.restart;
  if (when === 'no' || (when === 'on-failure' && now.exit?.code === 0)) return false;
  return client
    .call('guests.wait', { guest: id, states: ['running'], timeoutMs: RESTART_WAIT_MS }, { signal })
    .then(() => true)
    .catch(() => false);
}
