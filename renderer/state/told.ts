/** What long acts on a guest have in common. */
import { type Guest, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { sentences } from '../messages/sentences.ts';
import { m } from '../messages.ts';
import { toasts } from './toasts.svelte.ts';
import { isBusy } from './verbs.ts';

/** Why nothing of the kind can begin now; null: it can. */
export function whyBusy(guest: Guest): string | null {
  if (engine.link !== 'open') return m.guests.offline;
  return isBusy(guest.state) ? m.guests.why(guest.state) : null;
}

/** Long acts show themselves in the status bar; what goes wrong with one is told wherever the person is by then. */
export async function told(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    const error = toErrorShape(thrown);
    if (error.code !== 'cancelled') toasts.show(sentences(error.message, error.cause, error.hint));
  }
}
