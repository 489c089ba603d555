/**
 * The keeper's process: `GUESTHOUSE_HOME=… node main/keep.ts`. Has the home until no guest needs it any more and nobody
 * is joined to it. Quiet; what it has to say is in the engine's log.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from '../engine/host/lock.ts';
import { resolvePaths } from '../engine/index.ts';
import { type Owned, open } from './join.ts';
import { becomeKeeper } from './keeper-lock.ts';

/** How often it looks whether it is still needed (ms). */
const LOOK_MS = 500;
const ROLE_EVERY_MS = 5;
const ROLE_TIMEOUT_MS = 500;
const TAKE_EVERY_MS = 20;
/** Short commands let it go first; whoever has the home for longer leaves a keeper of its own (ms). */
const TAKE_TIMEOUT_MS = 10_000;

const end = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end.abort());
// A terminal that closes means whoever left it, not the keeper.
process.on('SIGHUP', () => {});

const paths = resolvePaths();
const role = await takeRole();
const owned = role && (await takeHome());
while (owned && !end.signal.aborted && (owned.engine.kept().length > 0 || owned.visitors() > 0)) {
  await sleep(LOOK_MS, undefined, { signal: end.signal }).catch(() => {});
}
await owned?.close();
role?.release();
process.exit(0);

/** Whoever just looks whether there is a keeper has the lock for a moment. */
async function takeRole(): Promise<Lock | null> {
  const deadline = performance.now() + ROLE_TIMEOUT_MS;
  for (;;) {
    const taken = becomeKeeper(paths);
    if (taken || performance.now() > deadline) return taken;
    await sleep(ROLE_EVERY_MS);
  }
}

async function takeHome(): Promise<Owned | null> {
  const deadline = performance.now() + TAKE_TIMEOUT_MS;
  for (;;) {
    const taken = await open({ paths, background: true, keeper: true });
    if (taken || end.signal.aborted || performance.now() > deadline) return taken;
    await sleep(TAKE_EVERY_MS);
  }
}
