/**
 * A snapshot without memory finds the file systems of a guest with an agent at rest. That they were asked to stand still is
 * on disk before they do: an engine that is killed meanwhile leaves the next one to thaw them.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuesthouseError } from '../../../contract/errors.ts';
import { exists } from '../../../host/files.ts';
import type { OperationContext } from '../../driver.ts';
import { thaw, withFrozenFileSystems } from '../guest-agent/freeze.ts';
import type { LiveMachine } from '../live.ts';

const mark = ({ files }: LiveMachine) => join(files.run, 'frozen');

/** A guest without an agent, or whose agent refuses, is as it is after a loss of power. */
export async function whileFrozen(machine: LiveMachine, operation: OperationContext, act: () => Promise<void>) {
  const { guestAgent } = machine;
  if (!(await guestAgent.isThere())) return act();
  operation.progress({ step: 'Freezing the file systems', fraction: null });
  await writeFile(mark(machine), '', { mode: 0o600 });
  let isStuck = false;
  try {
    await withFrozenFileSystems(
      guestAgent,
      async ({ fileSystems, why }) => {
        operation.progress({
          step: why === null ? `${fileSystems} file systems stand still` : `File systems go on: ${why}`,
          fraction: null,
        });
        await act();
      },
      (error) => {
        isStuck = true;
        machine.note(stuck(error));
      },
    );
  } finally {
    if (!isStuck) await rm(mark(machine), { force: true });
  }
}

/** What an engine left frozen that was killed. Never throws. */
export async function thawLeft(machine: LiveMachine): Promise<void> {
  try {
    if (!(await exists(mark(machine)))) return;
    await thaw(machine.guestAgent);
    await rm(mark(machine), { force: true });
  } catch (error) {
    machine.note(stuck(error as GuesthouseError));
  }
}

function stuck({ cause, message }: GuesthouseError): string {
  return `Its file systems stand still since a snapshot, and its agent does not thaw them: ${cause ?? message}`;
}
