/** Vorlagen. */
import type { Translated } from '../language.ts';
import type { templates as english } from '../templates.ts';

export const templates: Translated<typeof english> = {
  name: 'Name',
  from: 'Aus einer Vorlage',
  use: (name) => `Neuer Gast nach der Vorlage ${name}`,
  save: {
    act: 'Als Vorlage speichern',
    command: 'Als Vorlage speichern…',
    title: (name) => `${name} als Vorlage speichern`,
    text: 'Wie er gemacht ist: Image, Isolation, Grenzen, Ports, Ordner. Nicht seine Daten und nicht seine erste Anmeldung.',
    replace: 'Eine gleichen Namens ersetzen',
    keep: 'Nicht speichern',
    yes: 'Speichern',
    done: (name) => `Die Vorlage ${name} ist gespeichert.`,
  },
  remove: {
    command: (name) => `Die Vorlage ${name} löschen`,
    title: (name) => `Die Vorlage ${name} löschen?`,
    text: 'Gäste, die nach ihr gemacht wurden, bleiben, wie sie sind.',
    keep: (name) => `${name} behalten`,
    yes: (name) => `${name} löschen`,
  },
};
