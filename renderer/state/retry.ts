/** Trying again what failed or was cancelled: the engine knows how it was asked for. */
import type { Operation, OperationVerb } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { house } from './house.svelte.ts';
import { mayRetry } from './may-retry.ts';
import { toasts } from './toasts.svelte.ts';

/** What takes something away or works on the host itself is asked once more before it is done once more. */
const ASKED: readonly OperationVerb[] = [
  'remove',
  'remove-image',
  'remove-snapshot',
  'restore',
  'prune',
  'mend',
  'compose-down',
];

export const canRetry = (operation: Operation): boolean =>
  engine.link === 'open' && mayRetry(operation, house.operations.values(), house.guests);

/** Its own row in Activity tells how it goes; what was refused at once is told here. */
export function retry(operation: Operation): void {
  const run = () =>
    void engine
      .call('operations.retry', { operation: operation.id })
      .catch((error: unknown) => toasts.show(error instanceof Error ? error.message : String(error)));
  if (!ASKED.includes(operation.verb)) {
    run();
    return;
  }
  const text = m.activity.again;
  const what = `${m.words.verb(operation.verb)}: ${operation.target}`;
  asking.ask({ title: text.title(what), text: text.text, keep: text.keep, yes: m.activity.retry, run });
}
