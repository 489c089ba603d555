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
          outcome.failures.push(name);
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
        outcome.failures.push(`${module.relativeModuleId}: ${module.errors()[0]?.message ?? 'a suite or hook failed'}`);
      }
    }
    for (const error of errors) {
      outcome.failed++;
      outcome.failures.push(`outside any test: ${error.message}`);
    }
    this.#write(outcome);
  }

  #write(outcome: Outcome): void {
    const path = process.env[RESULT_FILE];
    if (path) writeFileSync(path, JSON.stringify(outcome));
  }
}
