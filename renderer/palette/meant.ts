/** Which guests somebody means who types into the palette. Pure. */
import type { Guest } from '../../engine/contract/index.ts';

/** So few guests are meant without being named. */
const FEW = 20;
/** A single letter names nobody. */
const LEAST_LETTERS = 2;

/** Those named by a word of the query, the nearest names first; then the one whose page is shown; all, where they are few. */
export function meantGuests<G extends Pick<Guest, 'id' | 'name'>>(
  guests: readonly G[],
  query: string,
  shown: string | null,
): readonly G[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word.length >= LEAST_LETTERS);
  const nearness = ({ name }: G) => {
    const hits = words.filter((word) => name.toLowerCase().includes(word));
    return Math.max(0, ...hits.map((word) => word.length / name.length));
  };
  const named = guests.filter((guest) => nearness(guest) > 0).sort((a, b) => nearness(b) - nearness(a));
  const others = guests.filter((guest) => guest.id === shown && !named.includes(guest));
  if (guests.length > FEW) return [...named.slice(0, FEW), ...others];
  return [...named, ...others, ...guests.filter((guest) => !named.includes(guest) && guest.id !== shown)];
}
