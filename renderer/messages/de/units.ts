/** Die Wörter neben Zahlen. */
import type { Translated } from '../language.ts';
import type { units as english } from '../units.ts';

export const units: Translated<typeof english> = {
  bytes: (n) => `${n} Byte`,
  justNow: 'gerade eben',
  ago: (span) => `vor ${span}`,
};
