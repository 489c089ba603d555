/** One verb at a time on one guest: the next is refused until the last is over, and a failure leaves a true state. */
import { type ErrorShape, toErrorShape } from '../contract/errors.ts';
import type { Guest, GuestState } from '../contract/guest.ts';
import type { OperationVerb } from '../contract/operation.ts';
import type { OperationContext } from '../drivers/driver.ts';
import type { GuestsContext } from './context.ts';
import { assertClosed, type Entry, shown } from './entry.ts';
import type { Ledger } from './ledger.ts';
import { afterFailure } from './outcome.ts';
import { assertAllowed, busy, type GuestVerb, stateDuring } from './state.ts';

/** What holds a guest while its end is being recorded; over in a moment, so whatever comes waits for it. */
export const SETTLING = 'settling';

/** What may be done with a guest whose disks are open. */
const WHILE_OPEN: ReadonlySet<string> = new Set(['open-disk', 'close-disk', 'rename', 'remove']);

export interface VerbOptions {
  readonly cancellable: boolean;
  /**
   * A restart policy asks, not a person: whatever a person asks goes before it. Called when it failed and nobody took it
   * back, before anybody else has the guest.
   */
  readonly byPolicy?: () => Promise<void>;
}

export class Turns {
  readonly #context: GuestsContext;
  readonly #ledger: Ledger;
  /** Told whenever nobody holds the guest any more. */
  readonly #onFree: (entry: Entry, verb: string) => void;

  constructor(context: GuestsContext, ledger: Ledger, onFree: (entry: Entry, verb: string) => void) {
    this.#context = context;
    this.#ledger = ledger;
    this.#onFree = onFree;
  }

  /** Runs one verb on one guest. Throws `busy`, `wrong-state`, and whatever `act` throws. */
  async verb(
    verb: Exclude<GuestVerb, 'exec'> & OperationVerb,
    entry: Entry,
    { cancellable, byPolicy }: VerbOptions,
    act: (entry: Entry, operation: OperationContext) => Promise<void>,
  ): Promise<Guest> {
    while (entry.holder?.verb === SETTLING) await entry.holder.done;
    const { name } = entry.manifest.spec;
    if (entry.holder) throw busy(name, entry.holder.verb);
    assertAllowed(verb, { name, state: entry.state });
    if (!WHILE_OPEN.has(verb)) assertClosed(entry);
    const before = entry.state;
    const cleaned = entry.cleanup;
    const work = async (): Promise<Guest> => {
      try {
        await this.#context.operations.run(
          { verb, targetId: entry.manifest.id, target: name, cancellable },
          async (operation) => {
            this.#ledger.show(entry, stateDuring(verb, before));
            await cleaned;
            await act(entry, operation);
          },
        );
        // Before anybody else has it: a disposable one goes as soon as it is let go of.
        return shown(entry);
      } catch (error) {
        await this.#failed(entry, verb, before, toErrorShape(error), byPolicy);
        throw error;
      }
    };
    return this.hold(entry, verb, work, byPolicy !== undefined);
  }

  /** The guest is held until all of `act` is over, also what a failure leads to; only then the next one may have it. */
  async hold<T>(entry: Entry, verb: string, act: () => Promise<T>, byPolicy = false): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    entry.holder = { verb, byPolicy, done: promise };
    try {
      return await act();
    } finally {
      entry.holder = null;
      if (this.#ledger.has(entry.manifest.id)) this.#ledger.changed(entry);
      resolve();
      this.#onFree(entry, verb);
    }
  }

  async #failed(
    entry: Entry,
    verb: string,
    before: GuestState,
    error: ErrorShape,
    byPolicy: VerbOptions['byPolicy'],
  ): Promise<void> {
    if (entry.running) {
      entry.state = entry.running.paused ? 'paused' : 'running';
      return;
    }
    const { state, blame } = afterFailure(verb, before, error.code);
    const failure = blame ? error : state === 'failed' ? entry.manifest.failure : null;
    entry.state = state;
    // Whether it is tried once more is for the policy to say, or for the person who gave it up; an engine that closes
    // leaves it to the next.
    const wanted = byPolicy ? 'running' : 'stopped';
    await this.#ledger.record(entry, { wanted, failure });
    if (error.code !== 'cancelled') await byPolicy?.();
  }
}
