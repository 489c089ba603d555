/** A home of its own for a bench, with the real engine in this process. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GuestDraft } from '../../engine/contract/api.ts';
import type { Guest } from '../../engine/contract/guest.ts';
import { type Engine, openEngine, type Paths, resolvePaths } from '../../engine/index.ts';
import type { BenchContext } from './harness.ts';

export interface BenchHome {
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  /** The engine, opened on first use. */
  engine(): Promise<Engine>;
  /** Lets go of the home, so that others can own it. */
  leave(): Promise<void>;
}

/** `name`: of the folder. At the end every guest in it is removed, its house ended and the folder deleted. */
export function makeBenchHome(context: BenchContext, name: string): BenchHome {
  const env = { ...process.env, GUESTHOUSE_HOME: join(context.folder, name) };
  const paths = resolvePaths(env);
  let open: Engine | null = null;
  const home: BenchHome = {
    paths,
    env,
    async engine() {
      open ??= await openEngine({ paths, background: false });
      if (!open) throw new Error(`The home ${paths.home} has another owner.`);
      return open;
    },
    async leave() {
      await open?.close();
      open = null;
    },
  };
  context.defer(`the home ${name}`, async () => {
    const engine = await home.engine();
    for (const guest of await engine.call('guests.list', {})) {
      await engine.call('guests.remove', { guest: guest.id, force: true });
    }
    await home.leave();
    rmSync(paths.run, { recursive: true, force: true });
  });
  return home;
}

/** Creates a guest of this run; names count up. */
export function createGuest(engine: Engine, draft: Omit<GuestDraft, 'name'>): Promise<Guest> {
  created++;
  return engine.call('guests.create', { draft: { ...draft, name: `bench-${created}` } });
}
let created = 0;

/** Waits until it stopped. Rejects when it failed or did not stop with exit code 0. */
export async function untilDone(engine: Engine, guest: Guest, timeoutMs: number): Promise<void> {
  const after = await engine.call('guests.wait', { guest: guest.id, states: ['stopped', 'failed'], timeoutMs });
  if (after.state !== 'stopped' || (after.exit?.code ?? 0) !== 0) {
    throw new Error(`${guest.name} is ${after.state}: ${JSON.stringify(after.exit ?? after.failure)}`);
  }
}

/** The command line of a running process; null when it is gone. */
export function commandLine(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return null;
  }
}
