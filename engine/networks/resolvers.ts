/**
 * Names for guests on several networks. A program asks one name server and takes its no for an answer, so such a guest's
 * questions are led to a dnsmasq that knows the names on just its networks; the firewall tells them apart by who asks.
 * Guests on the same networks share one.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../host/process.ts';
import { applyRules } from './firewall.ts';
import { enterAsService, type Holder } from './holder.ts';
import { namesPids, resolverArgv } from './names.ts';
import type { Place } from './plan.ts';
import { wayOut } from './plan.ts';

const START_TIMEOUT_MS = 10_000;
/** Ports of the house that its guests cannot ask by themselves. */
const FIRST_PORT = 20_000;
const PORTS = 20_000;

export interface Resolvers {
  /** Does nothing for a guest on one network. */
  lead(guestId: string, places: readonly Place[]): Promise<void>;
  /** Idempotent. */
  release(guestId: string): Promise<void>;
}

interface Dependencies {
  readonly runFolder: string;
  holder(): Holder;
}

export function createResolvers({ runFolder, holder }: Dependencies): Resolvers {
  const folder = join(runFolder, 'resolvers');
  const starting = new Map<number, Promise<unknown>>();

  async function ensure(port: number, places: readonly Place[]): Promise<void> {
    if (namesPids(holder(), `--port=${port}`).length > 0) return;
    const words = resolverArgv(
      places.map(({ network }) => network),
      port,
      wayOut(places) !== null,
      runFolder,
    );
    const start = run([...enterAsService(holder(), { inside: true }), ...words], { timeoutMs: START_TIMEOUT_MS });
    starting.set(port, start);
    await start.finally(() => starting.delete(port));
  }

  return {
    async lead(guestId, places) {
      const [first] = places;
      if (places.length < 2 || !first) return;
      const port = resolverPort(places.map(({ network }) => network.index));
      await starting.get(port);
      await ensure(port, places);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(join(folder, guestId), first.v4, { mode: 0o600 });
      await applyRules(holder(), `add element inet guesthouse resolvers { ${first.v4} : ${port} }\n`);
    },
    async release(guestId) {
      const address = await readFile(join(folder, guestId), 'utf8').catch(() => null);
      if (address === null) return;
      // A new house has none of it.
      await applyRules(holder(), `delete element inet guesthouse resolvers { ${address} }\n`).catch(() => {});
      await rm(join(folder, guestId), { force: true });
    },
  };
}

/** The same for the same networks with the same first one, on whose bridge it is asked. Pure. */
export function resolverPort(indexes: readonly number[]): number {
  const [first = 0, ...rest] = indexes;
  let hash = first;
  for (const index of rest.sort((a, b) => a - b)) hash = (hash * 65_537 + index) % 4_294_967_291;
  return FIRST_PORT + (hash % PORTS);
}
