/** The relay as the engine sees it: started in the house, met again, asked. */
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GuesthouseError } from '../contract/errors.ts';
import { cleanEnv, spawnDaemon } from '../host/process.ts';
import { compileCache } from '../host/worker.ts';
import { enterAsService, type Holder } from './holder.ts';
import { childNamed } from './processes.ts';
import { RELAY_NAME, type RelayAnswer, type RelayRequest } from './relay/protocol.ts';
import { untilReady } from './uplink.ts';

const ANSWER_TIMEOUT_MS = 10_000;
/** To enter the house's network, and ports below 1024 where the host allows them. */
const CAPABILITIES = '-all,+sys_admin,+net_bind_service';

const socketPath = (runFolder: string) => join(runFolder, 'relay.sock');

export function relayPid(holder: Holder): number | null {
  return childNamed(holder.pid, RELAY_NAME);
}

/** Starts it and waits until it can be asked. It shares the holder's user and PID namespaces and keeps the host's network. */
export async function startRelay(holder: Holder, runFolder: string): Promise<void> {
  await rm(socketPath(runFolder), { force: true });
  const file = import.meta.url.endsWith('.ts') ? './relay/main.ts' : './relay/main.js';
  const argv = [
    ...enterAsService(holder, { inside: false }),
    ...['setpriv', '--no-new-privs', '--inh-caps=-all', `--bounding-set=${CAPABILITIES}`, 'setsid', '--fork'],
    ...[process.execPath, '--max-semi-space-size=2', fileURLToPath(new URL(file, import.meta.url))],
    socketPath(runFolder),
  ];
  const cache = compileCache();
  // Handed over: with so few capabilities it may not look at the holder.
  const namespace = openSync(`/proc/${holder.pid}/ns/net`, 'r');
  const child = spawnDaemon(argv, {
    logFile: join(runFolder, 'relay.log'),
    cwd: '/',
    // One worker thread: it is the one that moves. The second word makes Node of Electron's program.
    env: cleanEnv({
      UV_THREADPOOL_SIZE: '1',
      ELECTRON_RUN_AS_NODE: '1',
      ...(cache ? { NODE_COMPILE_CACHE: cache } : {}),
    }),
    extraStdio: ['pipe', namespace],
  });
  closeSync(namespace);
  await untilReady(child, 'The relay', 'ports cannot be published', join(runFolder, 'relay.log'));
}

/** Throws `internal` or `timeout` when it cannot be asked. */
export function askRelay(runFolder: string, request: RelayRequest): Promise<RelayAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (cause: string, code: 'internal' | 'timeout' = 'internal') => {
      socket.destroy();
      reject(
        new GuesthouseError({
          code,
          message: 'The relay of published ports does not answer.',
          subject: 'ports',
          cause,
        }),
      );
    };
    const socket = connect(socketPath(runFolder));
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => fail('It did not answer in time.', 'timeout'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as RelayAnswer);
      } catch {
        fail('Its answer is not JSON.');
      }
    });
    socket.end(JSON.stringify(request));
  });
}
