/** A Vitest reporter that leaves the counts, the skips with their reasons and the failures in a file for the runner. */
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSpecification } from 'vitest/node';
import { NOTHING, type Outcome } from './stage.ts';

/** Tests chosen by user say no reason of their own. */
const OTHER_USER =
  process.getuid?.() === 0
    ? 'is for an ordinary user; the stage as that user runs it'
    : 'needs root; the stage as root runs it';

/** Path of the file; an environment variable because Vitest gives a reporter named by path no options. */
export const RESULT_FILE = 'GUESTHOUSE_TEST_RESULT';

/** Failures of the same test as root and as a user are two things. */
const as = process.getuid?.() === 0 ? '' : 'as a user: ';
/** Enough of a failure to begin with, for whoever has nothing but the last lines of a run. */
const LONGEST_WHY = 1_500;

function why(error: SerializedError | undefined): string {
  if (!error) return ': a suite or hook failed';
  const ours = (error.stack ?? '').split('\n').filter((line) => /^\s+at .*\/(test|engine|main|renderer)\//.test(line));
  const text = [error.message, ...ours.slice(0, 3)].join('\n').slice(0, LONGEST_WHY);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a diff.
  return `\n    ${text.replace(/\x1b\[[0-9;]*m/g, '').replaceAll('\n', '\n    ')}`;
}

export default class CountingReporter implements Reporter {
  onTestRunStart(_files: ReadonlyArray<TestSpecification>): void {
    this.#write({ ...NOTHING, failed: 1, failures: ['the test run did not come to its end'] });
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<SerializedError>): void {
    const outcome = { passed: 0, failed: 0, skipped: 0, skips: [] as string[], failures: [] as string[] };
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        const name = `${module.relativeModuleId}: ${test.fullName}`;
        if (result.state === 'passed') outcome.passed++;
        else if (result.state === 'failed') {
          failedHere++;
          outcome.failures.push(`${as}${name}${why(result.errors?.[0])}`);
        } else {
          outcome.skipped++;
          const reason = 'note' in result && result.note ? result.note : OTHER_USER;
          outcome.skips.push(`${name}: ${reason}`);
        }
      }
      outcome.failed += failedHere;
      // A file that does not load, or whose hook fails, has no failed test to show for it.
      if (failedHere === 0 && !module.ok()) {
        outcome.failed++;
        outcome.failures.push(`${as}${module.relativeModuleId}${why(module.errors()[0])}`);
      }
    }
    for (const error of errors) {
      outcome.failed++;
      outcome.failures.push(`${as}outside any test${why(error)}`);
    }
    this.#write(outcome);
  }

  #write(outcome: Outcome): void {
    const path = process.env[RESULT_FILE];
    if (path) writeFileSync(path, JSON.stringify(outcome));
  }
}
