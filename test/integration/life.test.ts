/** What happens to guests by themselves, and what changes about them later: real containers, as root and as a user. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type EngineHome, makeEngineHome } from '../fixtures/engine.ts';
import { until } from '../fixtures/home.ts';

let home: EngineHome;
beforeAll(async () => {
  home = await makeEngineHome();
});
afterEach(async () => {
  for (const { id } of await home.call('guests.list', {})) await home.call('guests.remove', { guest: id, force: true });
});
afterAll(() => home?.end());

const actions = (name: string) => home.events.filter((event) => event.name === name).map(({ action }) => action);
/** Who started it, as Activity tells it, oldest first; `engine`: nobody is said, as by this test. */
const startsOf = async (name: string) =>
  (await home.call('operations.list', {}))
    .filter(({ verb, target }) => verb === 'start' && target === name)
    .map(({ asker }) => asker?.by);
/** As nobody else's on this host. */
const FOR_EVER = `sleep ${1_000_000 + process.pid}`;
const HANGS = `sleep ${2_000_000 + process.pid}`;

describe('restart policies', () => {
  test('a container that fails is started anew with its data, until its tries are used up', async () => {
    await home.up('flaky', 'echo run >>/runs; test $(wc -l </runs) -gt 5', {
      restart: { when: 'on-failure', maxRetries: 2 },
    });
    const guest = await until(async () => {
      const now = await home.guest('flaky');
      return now.restarts === 2 && now.exit && now.notes.length === 0 ? now : null;
    });
    expect(guest).toMatchObject({ state: 'stopped', restarts: 2, exit: { code: 1 } });
    expect(actions('flaky')).toEqual(['create', 'start', 'die', 'start', 'die', 'start', 'die']);
    expect(home.events.findLast(({ name }) => name === 'flaky')?.attributes).toMatchObject({ exitCode: '1' });
  });

  test('one whose program is killed from outside comes back, with the same data', async () => {
    await home.up('steady', `test -e /ran && echo again >/ran || echo once >/ran; ${FOR_EVER}`, {
      restart: { when: 'always', maxRetries: null },
    });
    const pid = await until(() => readdirSync('/proc').find((one) => isMainOf(one, FOR_EVER)));
    process.kill(Number(pid), 'SIGKILL');
    await until(async () => {
      const { restarts, state } = await home.guest('steady');
      return restarts === 1 && state === 'running';
    });
    await until(async () => (await home.inside('steady', 'cat /ran')) === 'again\n');
    expect(await startsOf('steady')).toEqual(['engine', 'policy']);
    await home.call('guests.stop', { guest: 'steady' });
    expect(await home.guest('steady')).toMatchObject({ state: 'stopped', notes: [] });
  });

  test('one that died while no engine was open is started by the next that stays, not by a short command', async () => {
    await home.up('late', 'sleep 0.3', { restart: { when: 'always', maxRetries: null } });
    await home.close();
    await home.open({ background: false });
    await until(async () => (await home.guest('late')).state === 'stopped');
    expect((await home.guest('late')).notes).toEqual([
      'Its restart policy starts it again as soon as Guesthouse is open.',
    ]);
    await home.close();
    await home.open();
    await until(async () => (await home.guest('late')).restarts > 0);
    // What this engine did and what one before it did stand side by side.
    expect((await startsOf('late')).slice(0, 2)).toEqual(['engine', 'policy']);
    expect(await home.call('guests.kill', { guest: 'late' })).toMatchObject({ state: 'stopped' });
  });
});

describe('disposable containers', () => {
  test('are gone with their end, and who waits is told how', async () => {
    const { id } = await home.up('job', 'sleep 0.2; exit 5', { disposable: true });
    const ended = await home.call('guests.wait', { guest: id, states: ['stopped'], timeoutMs: 20_000 });
    expect(ended.exit).toMatchObject({ code: 5 });
    await until(async () => (await home.call('guests.list', {})).length === 0);
    expect(readdirSync(home.paths.guests)).toEqual([]);
    const late = await home.call('guests.wait', { guest: 'job', states: ['stopped'], timeoutMs: 1_000 });
    expect(late).toMatchObject({ id, exit: { code: 5 } });
  });

  test('are gone with the next engine when they ended meanwhile', async () => {
    await home.up('job', 'sleep 0.2', { disposable: true });
    await home.close();
    await home.open({ background: false });
    await until(async () => (await home.call('guests.list', {})).length === 0);
    await home.close();
    await home.open();
    expect(readdirSync(home.paths.guests)).toEqual([]);
  });
});

describe('health checks', () => {
  const health = (script: string) => ({
    command: ['sh', '-c', script],
    intervalMs: 1_000,
    timeoutMs: 500,
    startPeriodMs: 0,
    retries: 1,
  });
  const status = (wanted: string) => until(async () => (await home.guest('web')).health?.status === wanted);

  test('tell what a program inside says, and nobody sees it as a console', async () => {
    await home.up('web', FOR_EVER, { health: health('cat /answer') });
    expect((await home.guest('web')).health?.status).toBe('starting');
    await status('unhealthy');
    expect((await home.guest('web')).health?.lastOutput).toContain("can't open '/answer'");
    await home.inside('web', 'echo fine >/answer');
    await status('healthy');
    expect((await home.guest('web')).health).toMatchObject({ lastOutput: 'fine', failingStreak: 0 });
    const consoles = await home.call('consoles.list', { guest: 'web' });
    expect(consoles.filter(({ title }) => title !== 'sh').map(({ kind }) => kind)).toEqual(['main']);
    expect(home.events.filter(({ action }) => action === 'health').map(({ attributes }) => attributes.health)).toEqual([
      'unhealthy',
      'healthy',
    ]);
  });

  test('that hang are ended inside the guest', async () => {
    await home.up('web', FOR_EVER, { health: health(`exec ${HANGS}`) });
    await status('unhealthy');
    expect((await home.guest('web')).health?.lastOutput).toBe('It did not end within 0.5 s.');
    await home.call('guests.update', { guest: 'web', change: { health: { ...health('true'), command: [] } } });
    expect((await home.guest('web')).health).toBeNull();
    await until(() => readdirSync('/proc').every((pid) => !isMainOf(pid, HANGS)));
  });

  test('left running by an engine that went are ended by the next', async () => {
    await home.up('web', FOR_EVER, { health: { ...health(`exec ${HANGS}`), timeoutMs: 60_000 } });
    await until(() => readdirSync('/proc').some((pid) => isMainOf(pid, HANGS)));
    await home.close();
    await home.open({ background: false });
    expect((await home.call('consoles.list', {})).map(({ kind }) => kind)).toEqual(['main']);
    await until(() => readdirSync('/proc').every((pid) => !isMainOf(pid, HANGS)));
    await home.close();
    await home.open();
  });
});

describe('changes', () => {
  test('a container made anew keeps what it wrote and runs with the new environment', async () => {
    await home.up('web', `echo $A >>/seen; ${FOR_EVER}`, { env: { A: '1' } });
    await until(async () => (await home.inside('web', 'cat /seen')) === '1\n');
    const plan = await home.call('guests.planChange', {
      guest: 'web',
      change: { env: { A: '2' }, labels: { x: 'y' } },
    });
    expect(plan).toEqual({ live: ['labels'], recreate: ['env'], problems: [] });
    const change = { env: { A: '2' } };
    await expect(home.call('guests.update', { guest: 'web', change })).rejects.toMatchObject({ code: 'wrong-state' });
    const changed = await home.call('guests.update', { guest: 'web', change, recreate: true });
    expect(changed).toMatchObject({ state: 'running', spec: { env: { A: '2' } } });
    await until(async () => (await home.inside('web', 'cat /seen')) === '1\n2\n');
  });

  test('one that would not start any more runs again as it was', async () => {
    await home.up('web', FOR_EVER);
    const change = { command: ['/no/such/program'] };
    await expect(home.call('guests.update', { guest: 'web', change, recreate: true })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(await home.guest('web')).toMatchObject({ state: 'running', spec: { command: ['sh', '-c', FOR_EVER] } });
    expect(await home.inside('web', 'echo here')).toBe('here\n');
  });

  test('ports open and close while it runs', async () => {
    await home.up('web', 'mkdir /www; echo hello >/www/index.html; httpd -f -p 80 -h /www');
    const rule = { hostIp: '127.0.0.1', hostPort: 0, guestPort: 80, protocol: 'tcp' } as const;
    const { ports, state } = await home.call('guests.update', { guest: 'web', change: { ports: [rule] } });
    expect(state).toBe('running');
    const page = () => fetch(`http://127.0.0.1:${ports[0]?.hostPort}/`).then((answer) => answer.text());
    expect(await until(() => page().catch(() => null))).toBe('hello\n');
    await home.call('guests.update', { guest: 'web', change: { ports: [] } });
    await expect(page()).rejects.toThrow();
  });

  test('a new name is found by the others at once, the old one is not', async () => {
    await home.up('web', FOR_EVER);
    await home.up('asker', FOR_EVER);
    const found = (name: string) => home.inside('asker', `nslookup ${name} >/dev/null 2>&1 && echo yes || echo no`);
    await until(async () => (await found('web')) === 'yes\n');
    await home.call('guests.rename', { guest: 'web', name: 'site' });
    await until(async () => (await found('site')) === 'yes\n');
    await until(async () => (await found('web')) === 'no\n');
    await home.call('guests.restart', { guest: 'site' });
    expect(await home.inside('site', 'hostname')).toBe('site\n');
  });
});

test('events are kept for the next engine', async () => {
  const before = Date.now();
  await home.up('told', 'exit 3');
  await until(() => actions('told').includes('die'));
  await home.close();
  await home.open();
  const events = await home.call('events.list', { guest: 'told', since: before });
  expect(events.map(({ action, attributes }) => [action, attributes.exitCode])).toEqual([
    ['create', undefined],
    ['start', undefined],
    ['die', '3'],
  ]);
  expect((await home.call('events.list', { last: 1 }))[0]).toMatchObject({ action: 'die', name: 'told' });
  expect(await home.call('events.list', {})).toContainEqual(
    expect.objectContaining({ type: 'image', action: 'build', name: 'busybox' }),
  );
  expect(readFileSync(join(home.paths.home, 'events.jsonl'), 'utf8')).toContain('"die"');
});

/** Whether the process's command line is exactly this one, in words. */
function isMainOf(pid: string, command: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === command;
  } catch {
    return false;
  }
}
