/** Projekte: mehrere Gäste aus einer Compose-Datei. */
import type { compose as english } from '../compose.ts';
import { plural } from '../format.ts';
import type { Translated } from '../language.ts';
import { words } from './words.ts';

export const compose: Translated<typeof english> = {
  command: 'Compose-Datei ausführen…',
  label: 'Compose-Datei…',
  title: 'Compose-Datei ausführen',
  titleOf: (project) => `Projekt ${project}`,
  text: 'Legt die Gäste darin samt Netzwerken und Volumes an und startet sie. Vor dem Start entsteht nichts.',
  file: 'Compose-Datei',
  look: 'Zeigen',
  onlyText: (name) => `Von ${name} ist nur der Text bekannt`,
  onlyTextHint:
    'Eine abgelegte Datei kommt ohne ihren Ordner. Braucht sie ihn (relative Pfade, env_file, build, .env), wähle sie mit ihrem Pfad.',
  byPath: 'Mit Pfad wählen',
  looking: 'Die Datei wird gelesen…',
  project: 'Name des Projekts',
  profiles: 'Profile',
  services: (n) => plural(n, { one: '# Dienst', other: '# Dienste' }),
  from: (from) => ({ store: 'ist da', pull: 'wird geholt', build: 'wird gebaut' })[from],
  builtFrom: (folder) => `wird aus ${folder} gebaut`,
  acts: { create: 'Neu', keep: 'Bleibt', update: 'Ändert sich', replace: 'Wird neu angelegt' },
  after: (names) => `nach ${names}`,
  freePort: 'ein freier Port',
  readOnly: (text) => `${text}, nur lesen`,
  networks: 'Netzwerke',
  volumes: 'Volumes',
  folders: 'Von diesem Host',
  isNew: (name) => `${name} (neu)`,
  isIsolated: (name) => `${name}, isoliert`,
  unset: 'Nirgends gesetzt, also leer',
  leftOut: 'Durch Profile ausgelassen',
  orphans: 'Nicht mehr in der Datei',
  inTheWay: (service) => `${service} lässt sich so nicht anlegen`,
  cancelled: 'Abgebrochen. Was läuft, bleibt; Starten macht dort weiter.',
  start: 'Starten',
  close: 'Schließen',
  done: (project, n) => `${project} läuft: ${words.guests?.(n)}.`,
  tooLarge: (name) => `${name} ist größer als 1 MiB: so viel schreibt niemand in eine Compose-Datei.`,
  none: 'ohne Projekt',
  output: (project) => `Ausgabe des Projekts ${project}`,
  down: {
    act: (project) => `${project} abbauen…`,
    title: (project) => `${project} abbauen?`,
    text: (names) =>
      `${names} und die Netzwerke des Projekts werden gestoppt und gelöscht. Das ist endgültig: nichts davon kommt in den Papierkorb.`,
    nothing: 'Kein Gast davon ist mehr da; seine Netzwerke werden gelöscht.',
    volumes: 'Auch seine Volumes löschen, mit allem darin',
    keep: 'Stehen lassen',
    yes: 'Abbauen',
    done: (project) => `${project} ist abgebaut.`,
  },
};
