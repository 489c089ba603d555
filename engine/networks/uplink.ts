/** slirp4netns: the house's way out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { spawnDaemon } from '../host/process.ts';
import { MTU, UPLINK } from './addresses.ts';
import { enterAsService, type Holder } from './holder.ts';
import { childNamed } from './processes.ts';

const READY_TIMEOUT_MS = 10_000;

export function uplinkPid(holder: Holder): number | null {
  return childNamed(holder.pid, 'slirp4netns');
}

/** Whether the host has an IPv6 address, be it the loopback's. */
export function hostHasIpv6(): boolean {
  try {
    return readFileSync('/proc/net/if_inet6', 'latin1') !== '';
  } catch {
    return false;
  }
}

/**
 * The command line. It shares the holder's user and PID namespaces and keeps the host's network; `setsid` sends it to
 * the background, which makes it the holder's child.
 */
function uplinkArgv(holder: Holder): string[] {
  return [
    ...enterAsService(holder, { inside: false }),
    ...['setsid', '--fork', 'slirp4netns', '--configure', `--mtu=${MTU}`],
    ...(hostHasIpv6() ? ['--enable-ipv6'] : []),
    ...['--disable-host-loopback', '--enable-sandbox', '--enable-seccomp'],
    ...['--ready-fd=3', '--netns-type=path', `/proc/${holder.pid}/ns/net`, UPLINK],
  ];
}

/** Starts it and waits until the device is up. Throws `internal` when it ended instead. */
export async function startUplink(holder: Holder, runFolder: string): Promise<void> {
  const logFile = join(runFolder, 'slirp4netns.log');
  const child = spawnDaemon(uplinkArgv(holder), { logFile, cwd: '/', extraStdio: ['pipe'] });
  await untilReady(child, 'slirp4netns', 'guests cannot reach out', logFile);
}

/** Waits for a word on descriptor 3 of a service. Throws `internal` when it ended instead, `timeout` when none came. */
export async function untilReady(
  child: ReturnType<typeof spawnDaemon>,
  who: string,
  so: string,
  logFile: string,
): Promise<void> {
  const ready = child.stdio[3] as NodeJS.ReadableStream & { destroy(): void };
  const said = await new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve('nothing'), READY_TIMEOUT_MS);
    const settle = (what: string) => {
      clearTimeout(timer);
      resolve(what);
    };
    child.on('error', () => settle('failed'));
    ready.on('error', () => settle('failed'));
    ready.on('data', () => settle('ready'));
    ready.on('end', () => settle('failed'));
  });
  ready.destroy();
  if (said === 'ready') return;
  throw new GuesthouseError({
    code: said === 'nothing' ? 'timeout' : 'internal',
    message: `${who} did not start, so ${so}.`,
    subject: who,
    hint: `Its own words are in ${logFile}.`,
  });
}
