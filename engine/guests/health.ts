/**
 * Health checks of running guests: a program run inside now and then. One check of a guest begins only after its last
 * is over, and few at a time run at all, so that neither a check that hangs nor a hundred guests take the host.
 */
import { toErrorShape } from '../contract/errors.ts';
import type { HealthCheck } from '../contract/guest.ts';
import type { ConsoleEndpoint } from '../drivers/driver.ts';
import { guestFolder } from '../host/paths.ts';
import type { GuestsContext } from './context.ts';
import type { Entry } from './entry.ts';
import { keepHealth, readHealth } from './health-kept.ts';
import { afterCheck, type CheckResult, UNKNOWN_HEALTH } from './health-state.ts';
import type { Ledger } from './ledger.ts';
import { DAY_MS, HOUR_MS, MAX_RETRIES, MIN_INTERVAL_MS, MIN_TIMEOUT_MS } from './validate-life.ts';

const CHECKS_AT_ONCE = 2;
/** Kept of what a check writes while it runs (bytes). */
const OUTPUT_MAX_BYTES = 4096;
/** A check that was killed may take this long to be gone (ms). */
const KILL_WAIT_MS = 2_000;

interface Watched {
  readonly entry: Entry;
  readonly check: HealthCheck;
  readonly startedAt: number;
  /** How long it had run when it was met (ms), and when that was by the monotonic clock. */
  readonly ranMs: number;
  readonly metAt: number;
  timer: NodeJS.Timeout | null;
}

export class Health {
  readonly #context: GuestsContext;
  readonly #ledger: Ledger;
  readonly #watched = new Map<string, Watched>();
  readonly #due: Watched[] = [];
  /** The checks going on. */
  readonly #checking = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(context: GuestsContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /**
   * A guest runs now, or its check was changed. Only an engine that stays checks anything; any other tells what was found
   * last.
   */
  watch(entry: Entry): void {
    this.forget(entry);
    const check = this.checkOf(entry);
    if (!check || !entry.running || this.#closing.signal.aborted) return;
    const { startedAt } = entry.running;
    entry.health = readHealth(this.#folderOf(entry), startedAt);
    if (!this.#context.background) return;
    entry.health ??= UNKNOWN_HEALTH;
    const ranMs = Math.max(0, Date.now() - startedAt);
    const watched: Watched = { entry, check, startedAt, ranMs, metAt: performance.now(), timer: null };
    this.#watched.set(entry.manifest.id, watched);
    // One met again that has run for long is asked at once.
    this.#plan(watched, Math.max(0, check.intervalMs - ranMs));
  }

  forget(entry: Entry): void {
    const watched = this.#watched.get(entry.manifest.id);
    if (watched?.timer) clearTimeout(watched.timer);
    this.#watched.delete(entry.manifest.id);
    entry.health = null;
  }

  /** The guest's own check, else its image's; null: none, or switched off. */
  checkOf({ manifest: { spec, imageId } }: Entry): HealthCheck | null {
    const check = spec.health ?? this.#imageCheck(imageId);
    return check === null || check.command.length === 0 ? null : check;
  }

  /** Resolves when no check goes on any more; those that did were ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { entry } of [...this.#watched.values()]) this.forget(entry);
    this.#due.splice(0);
    await Promise.all(this.#checking);
  }

  #folderOf = ({ manifest }: Entry): string => guestFolder(this.#context.paths, manifest.id);

  #imageCheck(imageId: string | null): HealthCheck | null {
    if (imageId === null) return null;
    try {
      const check = this.#context.images.get(imageId).config?.health ?? null;
      return check === null ? null : bounded(check);
    } catch {
      return null; // the image's record is lost; the guest goes on
    }
  }

  #plan(watched: Watched, waitMs: number): void {
    watched.timer = setTimeout(() => {
      watched.timer = null;
      this.#due.push(watched);
      this.#next();
    }, waitMs).unref();
  }

  #next(): void {
    while (this.#checking.size < CHECKS_AT_ONCE) {
      const watched = this.#due.shift();
      if (!watched) return;
      if (!this.#isCurrent(watched)) continue;
      const work = this.#carryOut(watched).finally(() => {
        this.#checking.delete(work);
        this.#next();
      });
      this.#checking.add(work);
    }
  }

  #isCurrent(watched: Watched): boolean {
    return this.#watched.get(watched.entry.manifest.id) === watched;
  }

  async #carryOut(watched: Watched): Promise<void> {
    const { entry, check } = watched;
    // Who is held or stands still cannot answer, and that is no illness.
    if (entry.state === 'running') {
      const result = await runCheck(entry, check, this.#closing.signal).catch((error): CheckResult | null => {
        const { code, message, cause } = toErrorShape(error);
        if (code === 'unsupported') this.#giveUp(watched, message);
        return code === 'wrong-state' || code === 'unsupported' ? null : { ok: false, output: cause ?? message };
      });
      if (!this.#isCurrent(watched)) return;
      if (result && entry.state === 'running') this.#note(watched, result);
    }
    this.#plan(watched, check.intervalMs);
  }

  #note({ entry, check, startedAt, ranMs, metAt }: Watched, result: CheckResult): void {
    const now = Date.now();
    const before = entry.health ?? UNKNOWN_HEALTH;
    entry.health = afterCheck(before, result, check, ranMs + performance.now() - metAt, now);
    this.#ledger.changed(entry);
    if (entry.health.status === before.status) return;
    keepHealth(this.#folderOf(entry), startedAt, entry.health.status);
    const { id, spec } = entry.manifest;
    const attributes = { health: entry.health.status };
    this.#context.record({ type: 'guest', action: 'health', id, name: spec.name, attributes });
  }

  /** Nothing can be run inside this kind of guest. An image's own check is for containers and nobody's wish here. */
  #giveUp({ entry }: Watched, why: string): void {
    this.forget(entry);
    if (entry.manifest.spec.health !== null) entry.notes.push(`Its health is not checked: ${why}`);
    this.#ledger.changed(entry);
  }
}

/** Throws what the driver throws when it cannot run anything. */
async function runCheck({ driver, manifest }: Entry, check: HealthCheck, signal: AbortSignal): Promise<CheckResult> {
  const request = { command: check.command, tty: false, columns: 80, rows: 24, user: null, env: [], hidden: true };
  const endpoint = await driver.exec(manifest, request);
  const ended = outcomeOf(endpoint);
  const { promise: cut, resolve } = Promise.withResolvers<null>();
  const giveUp = () => resolve(null);
  const timer = setTimeout(giveUp, check.timeoutMs).unref();
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    const result = await Promise.race([ended, cut]);
    if (result !== null) return result;
    await driver.endExec(manifest, endpoint.id);
    await Promise.race([ended, after(KILL_WAIT_MS)]);
    return { ok: false, output: `It did not end within ${check.timeoutMs / 1000} s.` };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    endpoint.detach();
  }
}

async function outcomeOf(endpoint: ConsoleEndpoint): Promise<CheckResult> {
  const { promise, resolve } = Promise.withResolvers<CheckResult>();
  let output = '';
  await endpoint.start({
    onData(bytes) {
      if (output.length < OUTPUT_MAX_BYTES) output += Buffer.from(bytes).toString('utf8').slice(0, OUTPUT_MAX_BYTES);
    },
    onEnd: (code) => resolve({ ok: code === 0, output }),
  });
  return promise;
}

function after(waitMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, waitMs, null).unref());
}

/** Images come from anywhere: their numbers must neither keep the host busy nor overflow a timer. */
function bounded(check: HealthCheck): HealthCheck {
  const within = (value: number, least: number, most: number) =>
    Math.min(most, Math.max(least, Number.isFinite(value) ? value : least));
  return {
    ...check,
    intervalMs: within(check.intervalMs, MIN_INTERVAL_MS, DAY_MS),
    timeoutMs: within(check.timeoutMs, MIN_TIMEOUT_MS, HOUR_MS),
    retries: within(check.retries, 1, MAX_RETRIES),
  };
}
