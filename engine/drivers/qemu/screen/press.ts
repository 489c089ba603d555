/** Presses keys through the monitor, at the pace of a quick typist. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LAYOUT, type KeyboardLayout } from '../../../contract/keyboard.ts';
import type { KeysRequest } from '../../driver.ts';
import type { LiveMachine } from '../live.ts';
import { chordOf, typed } from './keys.ts';

/** How long keys stay down (ms). */
const HOLD_MS = 20;
/** From one press to the next (ms). A keyboard controller holds sixteen bytes, and an emulated processor may be late. */
const PACE_MS = 40;

export async function pressKeys(
  machine: LiveMachine,
  { keys, text, signal }: KeysRequest,
  layout: KeyboardLayout = DEFAULT_LAYOUT,
): Promise<void> {
  // All of them are looked at before the first is pressed.
  const chords = [...keys.map(chordOf), ...typed(text, layout)];
  for (const chord of chords) {
    signal.throwIfAborted();
    const qmp = await machine.qmp();
    await qmp.execute('send-key', { keys: chord.map((data) => ({ type: 'qcode', data })), 'hold-time': HOLD_MS });
    await sleep(PACE_MS);
  }
}
