/** Der Speicherplatz des Hosts. */
import { bytes, plural } from '../format.ts';
import type { Translated } from '../language.ts';
import type { storage as english } from '../storage.ts';

export const storage: Translated<typeof english> = {
  title: 'Speicherplatz',
  measuring: 'Es wird gemessen, was alles belegt',
  again: 'Neu messen',
  parts: {
    images: 'Images',
    guests: 'Gäste',
    trash: 'Papierkorb',
    volumes: 'Volumes',
    left: 'Überbleibsel',
    other: 'Alles andere',
    free: 'Frei',
  },
  hints: {
    images: 'Was mehrere gemeinsam haben, zählt einmal.',
    guests: 'Was jeder selbst geschrieben hat.',
    trash: 'Gelöschte Gäste, die sich noch zurückholen lassen.',
    volumes: 'Sie überdauern ihre Gäste.',
    left: 'Abgebrochene Downloads, frühere Builds und Pakete für hier gebaute Images: sie sparen nur Zeit.',
  },
  sum: (taken, free) => `Guesthouse belegt ${bytes(taken)}; ${bytes(free)} sind frei`,
  largest: 'Das Größte zuerst',
  what: 'Was',
  kind: 'Art',
  takes: 'Belegt',
  kinds: { guest: 'Gast', image: 'Image', volume: 'Volume' },
  ownOnly: 'davon eigenes',
  none: 'Noch belegt nichts Platz.',
  more: (n) => plural(n, { one: 'und ein weiteres', other: 'und # weitere' }),
};
