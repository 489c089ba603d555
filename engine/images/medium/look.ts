/** Looks at a medium: reads what `guess.ts` goes by. */

import { GuesthouseError } from '../../contract/errors.ts';
import type { Medium } from '../../contract/medium.ts';
import { openIso } from '../iso9660/read.ts';
import { guessMedium, SHOWN_BY, TOLD_BY } from './guess.ts';

/**
 * null: it is a medium in a form we cannot read, which may start all the same. Throws `bad-data` when it is cut off, and
 * what opening it throws.
 */
export async function lookAtMedium(path: string): Promise<Medium | null> {
  try {
    const iso = await openIso(path);
    try {
      const texts = new Map<string, string>();
      const paths = new Set<string>();
      for (const one of TOLD_BY) {
        const text = await iso.read(one);
        if (text !== null) texts.set(one, text);
      }
      for (const one of SHOWN_BY) if (await iso.has(one)) paths.add(one);
      return guessMedium({ volume: iso.volume, texts, paths });
    } finally {
      await iso.close();
    }
  } catch (error) {
    if (error instanceof GuesthouseError && error.code === 'bad-data' && !isTruncated(error)) return null;
    throw error;
  }
}

const isTruncated = ({ message }: GuesthouseError): boolean => message.endsWith('is a truncated ISO.');
