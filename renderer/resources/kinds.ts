/** What guests are ranked by. */
import type { SeriesName } from '../../engine/contract/index.ts';
import { type Axis, countAxis, memoryAxis, rateAxis } from '../graphs/axis.ts';
import type { RankedKind } from '../messages/resources.ts';

export const KINDS: readonly RankedKind[] = ['cpu', 'memory', 'disk', 'network'];

export const SERIES_OF: Record<RankedKind, readonly SeriesName[]> = {
  cpu: ['cpu'],
  memory: ['memory'],
  disk: ['diskRead', 'diskWrite'],
  network: ['netIn', 'netOut'],
};

export const axisFor: Record<RankedKind, (highest: number) => Axis> = {
  cpu: (highest) => countAxis(highest, '%'),
  memory: (highest) => memoryAxis(highest, null),
  disk: rateAxis,
  network: rateAxis,
};
