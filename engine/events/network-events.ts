/** Networks that come and go, told from what the state feed says of them. */
import type { StateChange } from '../feed.ts';
import type { RecordEvent } from './event-log.ts';

/** `known`: what is there already. The function is to be called with every change of the state. */
export function createNetworkEvents(
  record: RecordEvent,
  known: readonly { readonly id: string; readonly name: string }[],
): (change: StateChange) => void {
  const names = new Map(known.map(({ id, name }) => [id, name]));
  return (change) => {
    if (change.type === 'network') {
      const { id, name } = change.network;
      if (!names.has(id)) record({ type: 'network', action: 'create', id, name });
      names.set(id, name);
    }
    if (change.type === 'network-removed') {
      const name = names.get(change.id);
      if (name !== undefined) record({ type: 'network', action: 'remove', id: change.id, name });
      names.delete(change.id);
    }
  };
}
