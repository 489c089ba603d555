/** Die Seite, die zeigt, woraus das Fenster besteht. */
import type { design as english } from '../design.ts';

export const design: typeof english = {
  title: 'Gestaltung',
  text: 'Alles, woraus dieses Fenster besteht, in jedem seiner Zustände',
  buttons: 'Knöpfe',
  fields: 'Felder und Auswahl',
  choice: 'Eine Auswahl',
  command: 'guesthouse ls',
  marks: 'Zustände, Isolation, Balken',
  messages: 'Meldungen',
  icons: 'Zeichen',
  colours: 'Farben',
  lengths: 'Längen',
  others: 'Schrift, Zeit und Schatten',
  pointer: 'Darauf zeigen, drücken oder mit Tab erreichen: diese Zustände sind die echten.',
  kinds: { primary: 'wichtigster', plain: 'gewöhnlich', ghost: 'leise', danger: 'gefährlich' },
  states: {
    rest: 'in Ruhe',
    disabled: 'gesperrt',
    working: 'arbeitet',
    small: 'klein',
    empty: 'leer',
    filled: 'gefüllt',
    invalid: 'ungültig',
  },
  shapes: {
    running: 'Läuft',
    busy: 'Arbeitet',
    paused: 'Angehalten',
    stopped: 'Gestoppt',
    failed: 'Gescheitert',
    unknown: 'Unbekannt',
  },
  words: { one: 'Anlegen', two: 'Noch nichts hier', three: 'Was fehlt, sagt, wie man es bekommt.' },
  error: {
    message: 'Der Port 8080 ist vergeben.',
    cause: 'Ein anderes Programm hört auf 127.0.0.1:8080.',
    hint: 'Wähle einen anderen Port.',
  },
};
