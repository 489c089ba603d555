/** Words of the host's storage. */
import { bytes, count } from './format.ts';

export const storage = {
  title: 'Storage',
  measuring: 'Measuring what everything takes',
  again: 'Measure again',
  parts: {
    images: 'Images',
    guests: 'Guests',
    trash: 'Trash',
    volumes: 'Volumes',
    left: 'Leftovers',
    other: 'Everything else',
    free: 'Free',
  },
  hints: {
    images: 'What several of them share counts once.',
    guests: 'What each has written itself.',
    trash: 'Deleted guests that can still be had back.',
    volumes: 'They outlive their guests.',
    left: 'Cut pulls, earlier builds, and packages fetched for images built here: they only save time.',
  },
  sum: (taken: number, free: number): string => `Guesthouse takes ${bytes(taken)}; ${bytes(free)} are free`,
  largest: 'Largest first',
  what: 'What',
  kind: 'Kind',
  takes: 'Takes',
  kinds: { guest: 'Guest', image: 'Image', volume: 'Volume' },
  ownOnly: 'of its own',
  none: 'Nothing takes any room yet.',
  more: (n: number): string => (n === 1 ? 'and one more' : `and ${count(n)} more`),
};
