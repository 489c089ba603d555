/** What is done to images is told from their operations, wherever they are carried out. */
import type { Operation, OperationVerb } from '../contract/operation.ts';
import type { RecordEvent } from './event-log.ts';

const ACTIONS: Partial<Record<OperationVerb, string>> = {
  'build-image': 'build',
  'import-image': 'import',
  'pull-image': 'pull',
  'remove-image': 'remove',
  'save-image': 'save',
  commit: 'commit',
};

/** To be called with every change of an operation; one that is done is an event. */
export function recordOperation({ verb, state, targetId, target }: Operation, record: RecordEvent): void {
  const action = ACTIONS[verb];
  if (action === undefined || state !== 'done') return;
  record({ type: 'image', action, id: targetId ?? '', name: target });
}
