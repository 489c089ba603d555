/**
 * The keeper: an engine without a window, left behind by the last one when guests need somebody to be there (restart
 * policies, health checks, disposable guests). See keep.ts and engine/decisions/0009-who-keeps-guests.md.
 */
import { fileURLToPath } from 'node:url';
import { cleanEnv, spawnDaemon } from '../engine/host/process.ts';
import { compileCache } from '../engine/host/worker.ts';
import type { Paths } from '../engine/index.ts';
import { hasKeeper } from './keeper-lock.ts';

/** Set to anything by whoever wants no process left behind. */
const NO_KEEPER = 'GUESTHOUSE_NO_KEEPER';

/** What a pull needs to know of the person who has the guests: which registry, logins, certificates, the way out. */
const HANDED_ON = [
  'GUESTHOUSE_REGISTRY',
  'REGISTRY_AUTH_FILE',
  'DOCKER_CONFIG',
  'XDG_CONFIG_HOME',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
];

/** Starts a keeper that outlives this process; it takes the home as soon as that is free. */
export function leaveKeeper(paths: Paths): void {
  if (process.env[NO_KEEPER] || hasKeeper(paths)) return;
  const file = import.meta.url.endsWith('.ts') ? './keep.ts' : './keep.js';
  const cache = compileCache();
  const parsed = cache ? { NODE_COMPILE_CACHE: cache } : {};
  const handedOn = Object.fromEntries(
    HANDED_ON.flatMap((name) => [name, name.toLowerCase()]).flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );
  const child = spawnDaemon(
    [process.execPath, '--max-semi-space-size=2', fileURLToPath(new URL(file, import.meta.url))],
    {
      logFile: paths.log,
      cwd: '/',
      env: cleanEnv({ ...handedOn, GUESTHOUSE_HOME: paths.home, ELECTRON_RUN_AS_NODE: '1', ...parsed }),
    },
  );
  // The next command tries again; what it would have done is on disk.
  child.on('error', () => {});
}
