/** Der Papierkorb: gelöschte Gäste, die sich noch zurückholen lassen. */
import { count, plural } from '../format.ts';
import type { Translated } from '../language.ts';
import type { trash as english } from '../trash.ts';
import { words } from './words.ts';

const days = (n: number): string => plural(n, { one: 'einen Tag', other: '# Tage' });

export const trash: Translated<typeof english> = {
  title: 'Papierkorb',
  text: (n, size) =>
    plural(n, {
      one: `Ein Gast lässt sich noch zurückholen und belegt ${size}`,
      other: `# Gäste lassen sich noch zurückholen und belegen ${size}`,
    }),
  nothing: 'Er ist leer. Ein gelöschter Gast lässt sich von hier eine Weile zurückholen.',
  off: 'Ein gelöschter Gast ist sofort weg.',
  keep: 'Gelöschte Gäste aufheben',
  days: (n) => (n === 0 ? 'gar nicht' : days(n)),
  gone: 'Bleibt bis',
  short: 'Wird die Platte knapp, gehen sie früher. Was sie brauchen (Image, Volumes, Netzwerke), bleibt belegt.',
  empty: 'Papierkorb leeren',
  undo: 'Rückgängig',
  undoRemoval: (names) =>
    names.length === 1 ? `Rückgängig: ${names[0]} zurückholen` : `Rückgängig: ${count(names.length)} Gäste zurückholen`,
  putBack: (name) => `${name} zurückholen`,
  putBackLabel: 'Zurückholen',
  removed: (names) =>
    names.length === 1 ? `${names[0]} ist im Papierkorb.` : `${count(names.length)} Gäste sind im Papierkorb.`,
  back: (names) => (names.length === 1 ? `${names[0]} ist wieder da.` : `${count(names.length)} Gäste sind wieder da.`),
  user: (name) => `${name} (im Papierkorb)`,
  ask: {
    title: (n) => (n === 1 ? 'Einen Gast endgültig löschen?' : `${words.guests?.(n)} endgültig löschen?`),
    text: (names, size) => `${names} samt allem darin Geschriebenen (${size}) lässt sich dann nicht mehr zurückholen.`,
    keep: 'Behalten',
    yes: 'Papierkorb leeren',
  },
  rename: {
    title: (name) => `Der Name ${name} ist vergeben`,
    text: 'Ein anderer Gast heißt inzwischen so. Unter welchem Namen soll dieser zurückkommen?',
    name: 'Name',
    keep: 'Im Papierkorb lassen',
    yes: 'Zurückholen',
  },
};
