/** What mmdebstrap and the apt under it say while they work -> a step and how far it is. */
import type { Progress } from '../../contract/operation.ts';

/** mmdebstrap's own lines, in order, and the share of the whole at which each begins (measured, minbase). */
const STEPS: readonly (readonly [RegExp, string, number])[] = [
  [/running apt-get update/, 'Reading package lists', 0.02],
  [/downloading packages with apt/, 'Downloading packages', 0.12],
  [/extracting archives/, 'Unpacking packages', 0.4],
  [/installing essential packages/, 'Installing the base system', 0.5],
  [/installing remaining packages/, 'Installing packages', 0.68],
  [/cleaning package lists/, 'Cleaning up', 0.82],
  [/creating tarball/, 'Packing', 0.84],
];
/** Unpacking into the store follows. */
export const BUILT_FRACTION = 0.9;

/** Feed it every line of output; answers a progress when there is something new to say. */
export function createAptProgress(): (line: string) => Progress | null {
  let step = 0;
  let inStep = 0;
  let last = 0;
  return (line) => {
    const next = STEPS.findIndex(([pattern], at) => at >= step && pattern.test(line));
    if (next !== -1) {
      step = next;
      inStep = 0;
    } else if (/^(Get:|Unpacking |Setting up |Preparing )/.test(line)) inStep++;
    else return null;
    const [, name, from] = STEPS[step] as (typeof STEPS)[number];
    const to = STEPS[step + 1]?.[2] ?? BUILT_FRACTION;
    // How many lines will come is not known: each takes a share of what is left.
    const fraction = from + (to - from) * (1 - 0.985 ** inStep);
    if (next === -1 && fraction - last < 0.004) return null;
    last = fraction;
    return { step: name, fraction };
  };
}
