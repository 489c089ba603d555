/** Every long act of the engine, by name: running ones can be watched and cancelled, ended ones are kept for a while. */
import { randomBytes } from 'node:crypto';
import { GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Operation, OperationVerb, Progress } from '../contract/operation.ts';
import type { OperationContext } from '../drivers/driver.ts';
import type { Log } from '../host/log.ts';
import { explainRefusal } from '../host/refused.ts';
import { explainSpace } from '../host/space.ts';
import { Undo } from '../host/undo.ts';
import { type AskedCall, asking } from './asking.ts';
import { OperationLog } from './operation-log.ts';
import { type OperationRecord, openOperationRecord } from './operation-record.ts';

/** Ended operations kept for the Activity page. */
const KEPT = 200;
/** Progress is published at most this often (ms): a download reports far more than eyes can follow. */
const PROGRESS_INTERVAL_MS = 100;

/** As in "No space left while ...", "Cancelled while ...". */
const DOING: Readonly<Record<OperationVerb, string>> = {
  create: 'creating',
  start: 'starting',
  stop: 'stopping',
  kill: 'killing',
  restart: 'restarting',
  pause: 'pausing',
  resume: 'resuming',
  remove: 'removing',
  'build-image': 'building',
  'import-image': 'importing',
  'pull-image': 'pulling',
  'fetch-image': 'fetching',
  'remove-image': 'removing',
  'save-image': 'saving',
  commit: 'committing',
  prune: 'removing',
  update: 'changing',
  recreate: 'making anew',
  clone: 'cloning',
  rename: 'renaming',
  export: 'exporting',
  'import-guest': 'importing',
  'compact-disk': 'compacting the disk of',
  'check-disk': 'checking the disk of',
  'open-disk': 'opening the disks of',
  'close-disk': 'closing the disks of',
  snapshot: 'taking a snapshot of',
  restore: 'restoring',
  'remove-snapshot': 'removing a snapshot of',
  branch: 'branching',
  suspend: 'suspending',
  mend: 'mending',
  'compose-up': 'bringing up',
  'compose-down': 'taking down',
};

export interface OperationWish {
  readonly verb: OperationVerb;
  readonly targetId: string | null;
  readonly target: string;
  readonly cancellable: boolean;
}

/** A longer act that another is a part of: it is cancelled with it. */
export interface Within {
  readonly signal: AbortSignal;
}

interface Entry {
  operation: Operation;
  readonly abort: AbortController;
  log: OperationLog | null;
  readonly call: AskedCall | null;
}

export class Operations {
  /** Oldest first. Those of engines before this one join when somebody asks. */
  #all = new Map<string, Entry>();
  #loaded = false;
  readonly #record: OperationRecord;
  readonly #running = new Set<Promise<unknown>>();
  readonly #home: string;
  readonly #log: Log;
  readonly #publish: (operation: Operation) => void;

  /** `home`: the folder on whose disk all acts work. */
  constructor(home: string, log: Log, publish: (operation: Operation) => void) {
    this.#home = home;
    this.#log = log;
    this.#publish = publish;
    this.#record = openOperationRecord(home, log);
  }

  /** Oldest first, those of earlier engines among them. */
  list(): Operation[] {
    this.#load();
    return [...this.#all.values()].map((entry) => entry.operation);
  }

  /** What asked for it. Throws `not-found`, `wrong-state` when it did not fail, or `unsupported` when nobody knows any more. */
  callOf(id: string): AskedCall {
    const { operation, call } = this.#find(id);
    const of = `${operation.verb} ${operation.target}`;
    if (operation.state !== 'failed' && operation.state !== 'cancelled')
      throw new GuesthouseError({
        code: 'wrong-state',
        message: `This operation (${of}) did not fail, so it is not tried again.`,
        subject: id,
      });
    if (call) return call;
    throw new GuesthouseError({
      code: 'unsupported',
      message: `How this operation (${of}) was asked for is not kept.`,
      subject: id,
      hint: 'Ask for it anew where you did the first time.',
    });
  }

  /** What it writes. Throws `not-found`, or `unsupported` when it has ended without having written anything. */
  log(id: string): OperationLog {
    const entry = this.#find(id);
    if (entry.operation.state === 'running') entry.log ??= new OperationLog();
    if (entry.log) return entry.log;
    const written = this.#record.log(id);
    if (written) return OperationLog.of(written);
    throw new GuesthouseError({ code: 'unsupported', message: 'This operation wrote no log.', subject: id });
  }

  /** Throws `not-found`, or `wrong-state` when it ended or cannot be cancelled. */
  cancel(id: string): void {
    const entry = this.#find(id);
    if (entry.operation.state !== 'running' || !entry.operation.cancellable) {
      throw new GuesthouseError({
        code: 'wrong-state',
        message: `This operation (${entry.operation.verb} ${entry.operation.target}) cannot be cancelled any more.`,
        subject: id,
      });
    }
    entry.abort.abort();
  }

  /** Aborts whatever runs on the target and can be aborted. */
  cancelTarget(targetId: string): void {
    for (const { operation, abort } of this.#all.values()) {
      if (operation.targetId === targetId && operation.state === 'running') abort.abort();
    }
  }

  /** The engine is let go of: what can be cancelled is, the rest is waited for (at most `timeoutMs`). */
  async drain(timeoutMs: number): Promise<void> {
    for (const { operation, abort } of this.#all.values()) {
      if (operation.state === 'running' && operation.cancellable) abort.abort();
    }
    const late = new Promise((resolve) => setTimeout(resolve, timeoutMs).unref());
    await Promise.race([Promise.allSettled(this.#running), late]);
  }

  /**
   * Runs `act`. When it throws, everything it deferred on `context.undo` is taken back before the error goes on.
   */
  run<T>(wish: OperationWish, act: (context: OperationContext) => Promise<T>, within?: Within): Promise<T> {
    const work = this.#run(wish, act, within);
    this.#running.add(work);
    const forget = () => this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  async #run<T>(wish: OperationWish, act: (context: OperationContext) => Promise<T>, within?: Within): Promise<T> {
    within?.signal.throwIfAborted();
    const id = randomBytes(6).toString('hex');
    const abort = new AbortController();
    const follow = () => abort.abort();
    within?.signal.addEventListener('abort', follow, { once: true });
    const undo = new Undo();
    let progressAt = 0;
    const update = (change: Partial<Operation>) => {
      const entry = this.#all.get(id);
      if (!entry) return;
      entry.operation = { ...entry.operation, ...change };
      this.#publish(entry.operation);
    };
    const { asker, call } = asking();
    const operation: Operation = {
      id,
      ...wish,
      state: 'running',
      progress: null,
      startedAt: Date.now(),
      endedAt: null,
      error: null,
      asker,
    };
    this.#all.set(id, { abort, log: null, operation, call });
    this.#record.keep({ operation, call });
    update({});
    const progress = (next: Progress) => {
      const now = performance.now();
      const sameStep = this.#all.get(id)?.operation.progress?.step === next.step;
      if (sameStep && now - progressAt < PROGRESS_INTERVAL_MS) return;
      progressAt = now;
      update({ progress: next });
    };
    const log = (line: string) => {
      const entry = this.#all.get(id);
      if (!entry) return;
      entry.log ??= new OperationLog();
      entry.log.append(line);
      if (!entry.operation.hasLog) update({ hasLog: true });
    };
    try {
      const result = await act({ signal: abort.signal, undo, progress, log });
      undo.commit();
      update({ state: 'done', endedAt: Date.now(), cancellable: false });
      return result;
    } catch (thrown) {
      await undo.rollback((what, error) => this.#log.error(`could not take back: ${what}`, { error, ...wish }));
      const error = abort.signal.aborted
        ? new GuesthouseError({
            code: 'cancelled',
            message: `Cancelled while ${DOING[wish.verb]} ${wish.target}.`,
            subject: wish.target,
          })
        : this.#explain(thrown, `${DOING[wish.verb]} ${wish.target}`);
      const shape = toErrorShape(error);
      if (shape.code === 'internal') this.#log.error(`${wish.verb} ${wish.target} failed`, { error });
      update({
        state: shape.code === 'cancelled' ? 'cancelled' : 'failed',
        endedAt: Date.now(),
        cancellable: false,
        error: shape,
        ...(call ? { retryable: true } : {}),
      });
      throw error;
    } finally {
      within?.signal.removeEventListener('abort', follow);
      this.#ended(id);
      this.#forgetOld();
    }
  }

  #ended(id: string): void {
    const entry = this.#all.get(id);
    if (!entry) return;
    entry.log?.end();
    if (entry.log && entry.operation.hasLog) this.#record.keepLog(id, entry.log.text());
    // Of what went well nobody asks how it was asked for.
    this.#record.keep({ operation: entry.operation, call: entry.operation.retryable ? entry.call : null });
  }

  #find(id: string): Entry {
    if (!this.#all.has(id)) this.#load();
    const entry = this.#all.get(id);
    if (entry) return entry;
    throw new GuesthouseError({ code: 'not-found', message: 'There is no such operation.', subject: id });
  }

  /** What earlier engines did. A short command asks nothing of the kind, and reads nothing. */
  #load(): void {
    if (this.#loaded) return;
    this.#loaded = true;
    const earlier = this.#record.load().filter(({ operation }) => !this.#all.has(operation.id));
    const entries = earlier.map(({ operation, call }): [string, Entry] => [
      operation.id,
      { operation: asLeft(operation, call), call, log: null, abort: new AbortController() },
    ]);
    this.#all = new Map([...entries.slice(-KEPT), ...this.#all]);
    this.#forgetOld();
  }

  #explain = (thrown: unknown, doing: string) =>
    explainRefusal(explainSpace(thrown, this.#home, doing), this.#home, doing);

  #forgetOld(): void {
    for (const [id, { operation }] of this.#all) {
      if (this.#all.size <= KEPT) return;
      if (operation.state !== 'running') this.#all.delete(id);
    }
  }
}

/** One that was under way when its engine was killed: nobody saw its end. */
function asLeft(operation: Operation, call: AskedCall | null): Operation {
  const retryable = call ? { retryable: true } : { retryable: false };
  if (operation.state !== 'running') return operation.state === 'done' ? operation : { ...operation, ...retryable };
  return {
    ...operation,
    ...retryable,
    state: 'failed',
    error: {
      code: 'disconnected',
      message: `The engine ended while ${DOING[operation.verb] ?? operation.verb} ${operation.target}.`,
      subject: operation.target,
      hint: 'What was half made is taken back when the engine begins again. Look at it before you try again.',
    },
  };
}
