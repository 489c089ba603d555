/**
 * Who asks, and by which call, for whatever is being done right now (decisions/0046). It goes along with the call through
 * everything awaited, as Node's AsyncLocalStorage does it, so nothing in between has to hand it on. What a policy, a
 * schedule or the engine itself does later, out of something a person once asked for, says so with `askedBy`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Asker } from '../contract/operation.ts';

/** A call of the contract, as it was asked. */
export interface AskedCall {
  readonly name: string;
  readonly args: unknown;
}

export interface Asking {
  readonly asker: Asker;
  /** null: nobody called; there is nothing to be asked again. */
  readonly call: AskedCall | null;
}

const storage = new AsyncLocalStorage<Asking>();
const ENGINE: Asking = { asker: { by: 'engine' }, call: null };

export const asking = (): Asking => storage.getStore() ?? ENGINE;

export const askedBy = <T>(who: Asker, act: () => T, call: AskedCall | null = null): T =>
  storage.run({ asker: who, call }, act);

/** A part of what somebody asked for: the asker is told with it. */
export const askedWithin = <T>(part: Pick<Asker, 'by' | 'project'>, act: () => T, call: AskedCall | null = null): T =>
  askedBy({ ...asking().asker, ...part }, act, call);
