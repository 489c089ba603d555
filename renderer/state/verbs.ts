/** Which verb fits which state, as a table. Pure. */
import type { GuestState } from '../../engine/contract/index.ts';

export type GuestVerb = 'start' | 'stop' | 'kill' | 'restart' | 'pause' | 'resume' | 'remove';

const ALLOWED: Record<GuestVerb, readonly GuestState[]> = {
  start: ['stopped', 'failed'],
  stop: ['running', 'paused'],
  kill: ['running', 'paused', 'starting', 'stopping'],
  restart: ['running', 'paused'],
  pause: ['running'],
  resume: ['paused'],
  remove: ['stopped', 'failed', 'running', 'paused', 'starting', 'stopping'],
};

export const allows = (state: GuestState, verb: GuestVerb): boolean => ALLOWED[verb].includes(state);

/** States in which a program of the guest exists: its console and figures are there. */
export const isLive = (state: GuestState): boolean => state === 'running' || state === 'paused' || state === 'stopping';

/** States that pass by themselves. */
export const isBusy = (state: GuestState): boolean =>
  state === 'creating' || state === 'starting' || state === 'stopping' || state === 'deleting';
