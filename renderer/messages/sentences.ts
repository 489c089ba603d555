import { tame } from './apart.ts';

/** What the engine says of a failure, one after the other: a cause from elsewhere often ends without its full stop. */
export const sentences = (...parts: readonly (string | null | undefined)[]): string =>
  parts
    .filter((part): part is string => Boolean(part))
    .map(tame)
    .map((part) => (/[.!?:]["'`)]?\s*$/.test(part) ? part : `${part}.`))
    .join(' ');
