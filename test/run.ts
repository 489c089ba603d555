/**
 * `npm test [-- stage…] [-- arguments of Vitest]`: every stage from fast to slow, then a look at what was left behind.
 * Its last line is `N passed, N failed, N skipped` over all stages; exit code 1 when anything failed.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLeaks, lookBefore, processesOf } from './runner/leaks.ts';
import { add, NOTHING, type Outcome, type Stage, skippedStage, summary } from './runner/stage.ts';
import { staticStages } from './runner/static-stages.ts';
import { makeTestUser, type TestUser } from './runner/test-user.ts';
import { vitestStage } from './runner/vitest-stage.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Stages whose tests run guests, repeated as an ordinary user when we are root. */
const WITH_GUESTS = ['integration', 'faults'];
/** Of those, the ones that mostly wait, and share nothing of the host: run as root and as the ordinary user at once. */
const AT_ONCE = ['faults'];
/** What these tests show does not depend on who runs it: the ordinary user does, where there is one. */
const ONCE = 'test/integration/once/**';

const { wished, filter } = parse(process.argv.slice(2));
// Short: Unix sockets are made below it, and their paths have 107 bytes at most.
const scratch = mkdtempSync('/tmp/ghtest-');
// The ordinary user goes through it to a folder of its own.
chmodSync(scratch, 0o711);

const isWished = (name: string) => (wished.length === 0 ? name !== 'soak' : wished.includes(name));
const wantsUser = process.getuid?.() === 0 && WITH_GUESTS.some(isWished);
const user = wantsUser ? makeTestUser(root) : null;
const uids = user && 'uid' in user ? [user.uid] : process.getuid?.() === 0 ? [] : [process.getuid?.() ?? 0];
const before = lookBefore(uids);

const outcomes: Outcome[] = [];
try {
  for (const stage of stages()) {
    console.log(`\n=== ${stage.name}: ${stage.title}`);
    const startedAt = Date.now();
    const outcome = await stage.run();
    outcomes.push(outcome);
    console.log(`--- ${stage.name}: ${summary(outcome)} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  }
  // Reading sources leaves nothing behind; other programs of the machine may.
  if (outcomes.length > 0 && ['unit', 'window', 'e2e', 'soak', ...WITH_GUESTS].some(isWished))
    outcomes.push(await leftBehind());
} finally {
  if (user && 'end' in user) user.end();
  rmSync(scratch, { recursive: true, force: true });
}
finish(outcomes);

function stages(): Stage[] {
  const project = (name: string, title: string, as?: TestUser, without: readonly string[] = [], beside = false) => {
    const words = [...without.flatMap((pattern) => ['--exclude', pattern]), ...filter];
    return vitestStage({ root, project: name, title, scratch, filter: words, beside, ...(as ? { user: as } : {}) });
  };
  const all: Stage[] = [
    ...staticStages(root),
    project('unit', 'engine, hosts and set-up, beside their sources'),
    project('window', 'what the window knows and computes'),
    ...withGuests('integration', 'real containers and machines'),
    project('e2e', 'the window in Chromium'),
    ...withGuests('faults', 'what breaks, and what is left then'),
    project('soak', 'hours of use'),
  ];
  return all.filter((stage) => isWished(stage.name.split(' ')[0] ?? ''));

  function withGuests(name: string, title: string): Stage[] {
    if (!user) return [project(name, title)];
    if ('why' in user) {
      const asRoot = project(name, `${title}, as root`);
      const skipped = async () => skippedStage(name, user.why);
      return [asRoot, { ...asRoot, name: `${name} as an ordinary user`, run: skipped }];
    }
    const asRoot = project(name, `${title}, as root`, undefined, [ONCE]);
    const together = AT_ONCE.includes(name);
    const asUser = project(name, `${title}, as the ordinary user ${user.name}`, user, [], together);
    return together ? [atOnce(asRoot, asUser)] : [asRoot, asUser];
  }
}

function atOnce(first: Stage, second: Stage): Stage {
  return {
    name: first.name,
    title: `${first.title}; and at the same time ${second.title}`,
    async run() {
      const [one, other] = await Promise.all([first.run(), second.run()]);
      return {
        ...add(one, other),
        skips: [...one.skips, ...other.skips],
        failures: [...one.failures, ...other.failures.map((failure) => `${second.name}: ${failure}`)],
      };
    },
  };
}

/** Processes of the run get a moment to end after their tests; what is then still there is a leak, and is ended. */
async function leftBehind(): Promise<Outcome> {
  const deadline = Date.now() + 3_000;
  let leaks = findLeaks(before, scratch, uids);
  while (leaks.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    leaks = findLeaks(before, scratch, uids);
  }
  for (const { pid } of processesOf(scratch)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it ended by itself
    }
  }
  return {
    ...NOTHING,
    passed: leaks.length === 0 ? 1 : 0,
    failed: leaks.length,
    failures: leaks.map((leak) => `left behind: ${leak}`),
  };
}

function finish(all: readonly Outcome[]): void {
  const skips = all.flatMap((outcome) => outcome.skips);
  const failures = all.flatMap((outcome) => outcome.failures);
  console.log('');
  for (const skip of skips) console.log(`skipped: ${skip}`);
  for (const failure of failures) console.log(`failed: ${failure}`);
  const total = all.reduce(add, NOTHING);
  process.exitCode = total.failed === 0 ? 0 : 1;
  console.log(summary(total));
}

function parse(args: readonly string[]): { wished: string[]; filter: string[] } {
  const at = args.indexOf('--');
  const [names, rest] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
  const known = ['types', 'lint', 'directions', 'unit', 'window', 'integration', 'e2e', 'faults', 'soak'];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(
      `Unknown stage: ${unknown.join(', ')}. There are: ${known.join(', ')}. Vitest's own arguments come after --`,
    );
    process.exit(2);
  }
  return { wished: [...names], filter: [...rest] };
}
