/** One run of a guest: its beginning, and whatever its end means. */
import type { GuestExit } from '../contract/guest.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { bootId } from '../host/process-ref.ts';
import type { GuestsContext } from './context.ts';
import type { Entry } from './entry.ts';
import type { Health } from './health.ts';
import type { Ledger } from './ledger.ts';
import { failureOf } from './outcome.ts';
import { type Cycle, didFail, waitAfter } from './policy.ts';
import type { Retries } from './retries.ts';
import { afterMemory, suspendedIn, withMemory } from './snapshots/kept-memory.ts';
import { finishRestore } from './snapshots/restoring.ts';

/** A person starts it: whatever went before is forgotten. */
export const BY_PERSON: Cycle = { restarts: 0, waitMs: 0 };

export class Runs {
  readonly #context: GuestsContext;
  readonly #ledger: Ledger;
  readonly #retries: Retries;
  readonly #health: Health;

  constructor(context: GuestsContext, ledger: Ledger, retries: Retries, health: Health) {
    this.#context = context;
    this.#ledger = ledger;
    this.#retries = retries;
    this.#health = health;
  }

  /** `memory`: folder of a kept memory it goes on with; left out: its own, if it is suspended. */
  async begin(entry: Entry, operation: OperationContext, cycle: Cycle, memory?: string): Promise<void> {
    entry.notes = [];
    await finishRestore(this.#context, this.#ledger, entry);
    const kept = memory ?? suspendedIn(this.#context.paths, entry);
    const began = performance.now();
    const intent = this.#ledger.write(entry, {
      ...cycle,
      wanted: 'running',
      failure: null,
      exit: null,
      startedAt: Date.now(),
      bootId: bootId(),
      ...(kept ? { heldStill: true } : {}),
    });
    // Reported by whoever waits for it.
    intent.catch(() => {});
    const withWhat = { intent, ...(kept ? withMemory(this.#ledger, entry, kept) : {}) };
    try {
      entry.running = await entry.driver.start(entry.manifest, operation, withWhat);
    } finally {
      // What follows writes the same record.
      await intent;
    }
    operation.undo.commit();
    if (kept) await afterMemory(this.#context, this.#ledger, entry);
    const { manifest } = entry;
    const started = () => this.#context.costs.add(manifest, 'startMs', performance.now() - began);
    // One that never answers costs nothing that could be told.
    void (entry.running.up ?? Promise.resolve()).then(started);
    this.#context.onUp(entry);
    entry.state = entry.running.paused ? 'paused' : 'running';
    this.#health.watch(entry);
    this.tell(entry, 'start', cycle.restarts > 0 ? { restarts: String(cycle.restarts) } : {});
  }

  async stop(entry: Entry, graceMs: number, operation: OperationContext): Promise<void> {
    await this.#ledger.record(entry, { wanted: 'stopped', bootId: bootId() });
    await entry.driver.stop(entry.manifest, graceMs, operation);
    await this.settle(entry, null, true);
  }

  /**
   * The guest is down: learn how it ended, record it, clean up. Who was told how it ended need not wait for the
   * cleaning up, so neither does whoever waits for the guest. `asked`: a person ended it, so no policy starts it anew.
   */
  async settle(entry: Entry, exit: GuestExit | null, asked: boolean): Promise<void> {
    this.#health.forget(entry);
    const reaping = entry.driver.reap(entry.manifest).catch((error) => {
      this.#context.log.error('could not clean up after a guest', { guest: entry.manifest.id, error });
      return null;
    });
    entry.cleanup = reaping.finally(() => {
      entry.cleanup = null;
    });
    const reaped = exit ? null : await reaping;
    const told = exit ?? reaped ?? { code: null, signal: null, outOfMemory: false, at: Date.now() };
    const known = asked ? endedByPerson(told) : told;
    const ranMs = entry.running ? known.at - entry.running.startedAt : 0;
    const { spec, restarts, waitMs } = entry.manifest;
    const failure = failureOf(known, spec);
    const ending = { failed: didFail(known), ranMs };
    const wait = asked ? null : waitAfter(spec.restart, ending, { restarts, waitMs });
    await this.#ledger.record(entry, {
      exit: known,
      failure,
      wanted: wait === null ? 'stopped' : 'running',
      waitMs: wait ?? 0,
    });
    // Only now, so that nobody sees it ended and not how.
    entry.running = null;
    entry.state = failure ? 'failed' : 'stopped';
    if (wait !== null) this.#retries.plan(entry, wait);
    this.#ledger.changed(entry);
    if (known.outOfMemory) this.tell(entry, 'oom', {});
    this.tell(entry, 'die', endOf(known));
  }

  /** A start that a policy asked for failed: as if it had run and ended at once. */
  async settleFailedStart(entry: Entry): Promise<void> {
    const { spec, restarts, waitMs } = entry.manifest;
    const wait = waitAfter(spec.restart, { failed: true, ranMs: 0 }, { restarts, waitMs });
    await this.#ledger.record(entry, { wanted: wait === null ? 'stopped' : 'running', waitMs: wait ?? 0 });
    if (wait !== null) this.#retries.plan(entry, wait);
    this.#ledger.changed(entry);
  }

  /** Its policy was changed while it waited to be started anew. */
  async reconsider(entry: Entry): Promise<void> {
    if (entry.manifest.spec.restart.when !== 'no' || !this.#retries.cancel(entry)) return;
    await this.#ledger.record(entry, { wanted: 'stopped', waitMs: 0 });
  }

  tell(entry: Entry, action: string, attributes: Readonly<Record<string, string>>): void {
    const { id, spec, imageName } = entry.manifest;
    const image = imageName === null ? {} : { image: imageName };
    this.#context.record({ type: 'guest', action, id, name: spec.name, attributes: { ...image, ...attributes } });
  }
}

/** It did not break off by itself, whatever its last words. */
function endedByPerson({ crash: _, ...exit }: GuestExit): GuestExit {
  return exit;
}

export function endOf(exit: GuestExit): Record<string, string> {
  return {
    ...(exit.code === null ? {} : { exitCode: String(exit.code) }),
    ...(exit.signal === null ? {} : { signal: String(exit.signal) }),
  };
}
