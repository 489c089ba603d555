import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GuestsHome, makeGuestsHome } from '../../test/fakes/guests-home.ts';
import { fakeImage, NO_CONFIG } from '../../test/fakes/images.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { HealthCheck } from '../contract/guest.ts';
import type { ConsoleEndpoint } from '../drivers/driver.ts';
import { afterCheck, UNKNOWN_HEALTH } from './health-state.ts';

const check: HealthCheck = { command: ['ok'], intervalMs: 1_000, timeoutMs: 500, startPeriodMs: 5_000, retries: 2 };

describe('what checks say one after the other', () => {
  const run = (results: readonly boolean[], ranMs = 10_000) =>
    results.reduce((state, ok) => afterCheck(state, { ok, output: '' }, check, ranMs, 1), UNKNOWN_HEALTH);

  test.each([
    [[true], 'healthy', 0],
    [[false], 'starting', 1],
    [[false, false], 'unhealthy', 2],
    [[true, false], 'healthy', 1],
    [[true, false, false], 'unhealthy', 2],
    [[false, false, true], 'healthy', 0],
    [[false, true, false], 'healthy', 1],
  ])('%j: %s, %i failures in a row', (results, status, failingStreak) => {
    expect(run(results)).toMatchObject({ status, failingStreak });
  });

  test('a failure soon after the start does not count, but one after it was well does', () => {
    expect(run([false, false, false], 4_999)).toMatchObject({ status: 'starting', failingStreak: 0, checkedAt: 1 });
    expect(run([true, false, false], 4_999)).toMatchObject({ status: 'unhealthy', failingStreak: 2 });
  });

  test('words are kept short and harmless', () => {
    const said = (output: string) => afterCheck(UNKNOWN_HEALTH, { ok: true, output }, check, 0, 1).lastOutput;
    expect(said(`\u001b[31mwell\u0007\n\tindeed\n`)).toBe('[31mwell\n\tindeed');
    expect(said('x'.repeat(100_000))).toHaveLength(501);
  });
});

/** What a check does in the fake. */
type Answer = { code: number | null; output?: string } | 'hangs' | GuesthouseError;

describe('checks of running guests', () => {
  let home: GuestsHome;
  /** Taken in order; the last one stays. */
  let answers: Answer[];
  let asked: { command: readonly string[]; hidden: boolean | undefined }[];
  let killed: string[];
  let now: number;
  let most: number;

  beforeEach(() => {
    home = makeGuestsHome();
    answers = [{ code: 0 }];
    asked = [];
    killed = [];
    now = 0;
    most = 0;
    const ends = new Map<string, (code: number | null) => void>();
    home.driver.exec = async (guest, { command, hidden }) => {
      asked.push({ command, hidden });
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) as Answer;
      if (answer instanceof GuesthouseError) throw answer;
      most = Math.max(most, ++now);
      const id = `${guest.id}:exec-${asked.length}`;
      return {
        id,
        start: async ({ onData, onEnd }: Parameters<ConsoleEndpoint['start']>[0]) => {
          const end = (code: number | null) => {
            now -= 1;
            onEnd(code);
          };
          ends.set(id, end);
          if (answer === 'hangs') return;
          onData(Buffer.from(answer.output ?? ''), 'stdout');
          setTimeout(() => end(answer.code), 5);
        },
        detach() {},
      } as unknown as ConsoleEndpoint;
    };
    home.driver.endExec = async (_guest, id) => {
      killed.push(id);
      ends.get(id)?.(137);
    };
  });
  afterEach(() => home.end());

  const begin = async (health: HealthCheck | null = check, names = ['web']) => {
    const first = await home.engine();
    for (const name of names) {
      const { id, spec } = await first.create(home.draft(name));
      // Faster than a person may ask for.
      home.rewrite(id, { spec: { ...spec, health } });
    }
    const guests = await home.engine();
    for (const name of names) await guests.start(name);
    return guests;
  };

  test('show in the guest, change it when it becomes ill and well again, and are told', async () => {
    answers = [{ code: 1, output: 'no answer' }, { code: 1 }, { code: 0, output: 'fine' }];
    const quick = { ...check, intervalMs: 20, startPeriodMs: 0 };
    const guests = await begin(quick);
    expect(guests.inspect('web').health).toEqual(UNKNOWN_HEALTH);
    await expect.poll(() => guests.inspect('web').health?.status).toBe('healthy');
    expect(guests.inspect('web').health).toMatchObject({ failingStreak: 0, lastOutput: 'fine' });
    expect(home.events.filter((event) => event.startsWith('health'))).toHaveLength(2);
    expect(asked[0]).toEqual({ command: ['ok'], hidden: true });
    await guests.stop('web');
    expect(guests.inspect('web').health).toBeNull();
    const before = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(asked).toHaveLength(before);
  });

  test('that hang are ended and count as failures, and do not pile up', async () => {
    answers = ['hangs'];
    const guests = await begin({ ...check, intervalMs: 10, timeoutMs: 50, startPeriodMs: 0 });
    await expect.poll(() => guests.inspect('web').health?.status).toBe('unhealthy');
    expect(guests.inspect('web').health?.lastOutput).toBe('It did not end within 0.05 s.');
    expect(most).toBe(1);
    expect(killed.length).toBeGreaterThanOrEqual(2);
  });

  test('of many guests run few at a time', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `g${number}`);
    const guests = await begin({ ...check, intervalMs: 10 }, names);
    await expect.poll(() => guests.list().every(({ health }) => health?.status === 'healthy')).toBe(true);
    expect(most).toBeLessThanOrEqual(2);
  });

  test('that cannot be begun are failures with the reason', async () => {
    answers = [new GuesthouseError({ code: 'guest-failed', message: 'No such program.' })];
    const guests = await begin({ ...check, intervalMs: 10, startPeriodMs: 0 });
    await expect.poll(() => guests.inspect('web').health?.status).toBe('unhealthy');
    expect(guests.inspect('web').health?.lastOutput).toBe('No such program.');
  });

  test('are given up, in words, where nothing can be run inside', async () => {
    answers = [new GuesthouseError({ code: 'unsupported', message: 'A VM has no exec.' })];
    const guests = await begin({ ...check, intervalMs: 10 });
    await expect.poll(() => guests.inspect('web').notes).toEqual(['Its health is not checked: A VM has no exec.']);
    expect(guests.inspect('web').health).toBeNull();
    expect(asked).toHaveLength(1);
  });

  test('rest while it is paused', async () => {
    const guests = await begin({ ...check, intervalMs: 20 });
    await guests.pause('web');
    const before = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(asked.length).toBeLessThanOrEqual(before + 1);
    await guests.resume('web');
    await expect.poll(() => guests.inspect('web').health?.status).toBe('healthy');
  });

  test('are switched off by an empty command, and on again while it runs', async () => {
    const guests = await begin({ ...check, command: [] });
    expect(guests.inspect('web').health).toBeNull();
    await guests.update('web', { health: check });
    await expect.poll(() => guests.inspect('web').health?.status).toBe('healthy');
    await guests.update('web', { health: { ...check, command: [] } });
    expect(guests.inspect('web').health).toBeNull();
  });

  test('that an image wants are not carried out without a pause', async () => {
    const hurried = { ...check, intervalMs: 1, timeoutMs: 2 ** 40 };
    home.images[0] = { ...fakeImage('busybox:latest'), config: { ...NO_CONFIG, health: hurried } };
    const guests = await begin(null);
    await expect.poll(() => guests.inspect('web').health?.status).toBe('healthy');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toHaveLength(1);
  });

  test('go on with the next engine, at once', async () => {
    await begin({ ...check, intervalMs: 3_600_000 });
    const guests = await home.engine();
    await expect.poll(() => guests.inspect('web').health?.status).toBe('healthy');
  });

  test('are not for a short command', async () => {
    await begin();
    const short = await home.engine({ background: false });
    expect(short.inspect('web').health).toBeNull();
    expect(short.kept()).toEqual(['web']);
  });

  test('are told to a short command, and to the next engine before it checks, of this run only', async () => {
    const guests = await begin({ ...check, intervalMs: 20 });
    await expect.poll(() => guests.inspect('web').health?.status).toBe('healthy');
    expect((await home.engine({ background: false })).inspect('web').health?.status).toBe('healthy');
    answers = ['hangs'];
    const next = await home.engine();
    expect(next.inspect('web').health?.status).toBe('healthy');
    await next.stop('web');
    await next.start('web');
    expect(next.inspect('web').health?.status).toBe('starting');
  });
});
