/** A driver without processes, as hostile as a test asks for. Its real counterparts are tested in test/integration. */
import { Duplex } from 'node:stream';
import { GuesthouseError } from '../../engine/contract/errors.ts';
import type { Driver, GuestRecord, OperationContext, Running } from '../../engine/drivers/driver.ts';

/** When every run of the fake began. */
export const STARTED_AT = 1_700_000_000_000;

export interface FakeDriver extends Driver {
  /** Every call in order, as `verb id`. */
  readonly calls: string[];
  /** Verbs that fail, by name. */
  readonly failing: Set<string>;
  /** Verbs that wait until the promise resolves or the operation is cancelled. */
  readonly waiting: Map<string, Promise<void>>;
  /** Guests that run now. */
  readonly alive: Map<string, Running>;
}

export function createFakeDriver(): FakeDriver {
  const calls: string[] = [];
  const failing = new Set<string>();
  const waiting = new Map<string, Promise<void>>();
  const alive = new Map<string, Running>();

  const step = async (verb: string, guest: GuestRecord, operation?: OperationContext) => {
    calls.push(`${verb} ${guest.spec.name}`);
    const wait = waiting.get(verb);
    if (wait) {
      operation?.signal.throwIfAborted();
      await Promise.race([
        wait,
        new Promise((_, reject) => operation?.signal.addEventListener('abort', () => reject(operation.signal.reason))),
      ]);
    }
    if (failing.has(verb)) throw new GuesthouseError({ code: 'guest-failed', message: `${verb} was told to fail.` });
  };
  const running = (): Running => ({
    pid: 1,
    startedAt: STARTED_AT,
    paused: false,
    accelerator: null,
    notes: [],
    consoles: ['main', 'log'],
    memoryBounded: true,
  });

  return {
    isolations: ['container', 'microvm', 'vm'],
    calls,
    failing,
    waiting,
    alive,
    capabilities: async () =>
      (['container', 'microvm', 'vm'] as const).map((isolation) => ({
        isolation,
        possible: true,
        reason: null,
        fix: null,
        engine: 'fake',
        notes: [],
      })),
    doctor: async () => [],
    create: (guest, operation) => step('create', guest, operation),
    async start(guest, operation) {
      await step('start', guest, operation);
      const now = running();
      alive.set(guest.id, now);
      return now;
    },
    async stop(guest, _graceMs, operation) {
      await step('stop', guest, operation);
      alive.delete(guest.id);
    },
    async kill(guest) {
      await step('kill', guest);
      alive.delete(guest.id);
    },
    async pause(guest) {
      await step('pause', guest);
      return null;
    },
    resume: (guest) => step('resume', guest),
    remove: (guest) => step('remove', guest),
    async adopt(guest) {
      calls.push(`adopt ${guest.spec.name}`);
      return alive.get(guest.id) ?? null;
    },
    async reap(guest) {
      await step('reap', guest);
      return { code: 0, signal: null, outOfMemory: false, at: Date.now() };
    },
    endpoints: async () => [],
    exec: async () => {
      throw new GuesthouseError({ code: 'unsupported', message: 'The fake has no exec.' });
    },
    endExec: async () => {},
    display: async () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }),
    async *log() {},
    counters: () => null,
    close: async () => {},
  };
}
