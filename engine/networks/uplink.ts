/** slirp4netns: the house's way out, and the listener of its published ports. */
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';
import { spawnDaemon } from '../host/process.ts';
import { MTU, UPLINK, UPLINK_ADDRESS } from './addresses.ts';
import { enterAsService, type Holder } from './holder.ts';
import { childNamed } from './processes.ts';

const READY_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** A port of the host that slirp4netns listens on. */
export interface Forward {
  readonly id: number;
  readonly hostIp: string;
  readonly hostPort: number;
  /** Port of the uplink's address inside the house. */
  readonly port: number;
}

const apiSocket = (runFolder: string) => join(runFolder, 'slirp.sock');

export function uplinkPid(holder: Holder): number | null {
  return childNamed(holder.pid, 'slirp4netns');
}

/**
 * The command line. It shares the holder's user and PID namespaces and keeps the host's network; `setsid` sends it to
 * the background, which makes it the holder's child.
 */
function uplinkArgv(holder: Holder, socket: string): string[] {
  return [
    ...enterAsService(holder, { inside: false }),
    ...[
      'setsid',
      '--fork',
      'slirp4netns',
      '--configure',
      `--mtu=${MTU}`,
      '--disable-host-loopback',
      '--enable-sandbox',
      '--enable-seccomp',
    ],
    ...['--ready-fd=3', `--api-socket=${socket}`, '--netns-type=path', `/proc/${holder.pid}/ns/net`, UPLINK],
  ];
}

/** Starts it and waits until the device is up. Throws `internal` when it ended instead. */
export async function startUplink(holder: Holder, runFolder: string): Promise<void> {
  const socket = apiSocket(runFolder);
  await rm(socket, { force: true }); // slirp4netns does not replace an old one
  const child = spawnDaemon(uplinkArgv(holder, socket), {
    logFile: join(runFolder, 'slirp4netns.log'),
    cwd: '/',
    extraStdio: ['pipe'],
  });
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
  if (said !== 'ready') {
    throw new GuesthouseError({
      code: said === 'nothing' ? 'timeout' : 'internal',
      message: 'slirp4netns did not start, so guests cannot reach out.',
      subject: 'slirp4netns',
      hint: `Its own words are in ${join(runFolder, 'slirp4netns.log')}.`,
    });
  }
}

export async function listForwards(runFolder: string): Promise<Forward[]> {
  const answer = await ask<{ entries: SlirpEntry[] }>(runFolder, { execute: 'list_hostfwd' });
  return answer.entries.map((entry) => ({
    id: entry.id,
    hostIp: entry.host_addr,
    hostPort: entry.host_port,
    port: entry.guest_port,
  }));
}

/** Answers the forward's id. Throws `conflict` when slirp4netns cannot listen there. */
export async function addForward(runFolder: string, forward: Omit<Forward, 'id'>): Promise<number> {
  const { id } = await ask<{ id: number }>(runFolder, {
    execute: 'add_hostfwd',
    arguments: {
      proto: 'tcp',
      host_addr: forward.hostIp,
      host_port: forward.hostPort,
      guest_addr: UPLINK_ADDRESS,
      guest_port: forward.port,
    },
  });
  return id;
}

export async function removeForward(runFolder: string, id: number): Promise<void> {
  await ask(runFolder, { execute: 'remove_hostfwd', arguments: { id } });
}

interface SlirpEntry {
  readonly id: number;
  readonly host_addr: string;
  readonly host_port: number;
  readonly guest_port: number;
}

/** One request per connection: JSON in, end of input, JSON out, end (slirp4netns(1), API SOCKET). */
function ask<T>(runFolder: string, request: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string, code: 'internal' | 'conflict' | 'timeout' = 'internal') => {
      socket.destroy();
      reject(new GuesthouseError({ code, message: 'slirp4netns refused a request.', subject: 'slirp4netns', cause }));
    };
    const socket = connect(apiSocket(runFolder));
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => fail('It did not answer in time.', 'timeout'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => {
      try {
        const reply = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
          return?: T;
          error?: { desc: string };
        };
        if (reply.error) fail(reply.error.desc, /slirp_add_hostfwd/.test(reply.error.desc) ? 'conflict' : 'internal');
        else resolve((reply.return ?? reply) as T); // the list comes without `return` around it
      } catch {
        fail('Its answer is not JSON.');
      }
    });
    socket.end(JSON.stringify(request));
  });
}
