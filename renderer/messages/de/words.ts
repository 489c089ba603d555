/** Die Begriffe des Vertrags: Isolationen, Zustände, Tätigkeiten, Konsolen. */
import type { OperationVerb } from '../../../engine/contract/index.ts';
import { number, plural } from '../format.ts';
import type { Translated } from '../language.ts';
import type { words as english } from '../words.ts';

/** Grundform hinter dem Namen (`web starten`) und Partizip vor `werden` (`web konnte nicht gestartet werden`). */
const VERBS: Record<OperationVerb, readonly [infinitive: string, participle: string]> = {
  create: ['anlegen', 'angelegt'],
  start: ['starten', 'gestartet'],
  stop: ['stoppen', 'gestoppt'],
  kill: ['hart beenden', 'hart beendet'],
  restart: ['neu starten', 'neu gestartet'],
  pause: ['anhalten', 'angehalten'],
  resume: ['fortsetzen', 'fortgesetzt'],
  remove: ['löschen', 'gelöscht'],
  'build-image': ['bauen', 'gebaut'],
  'import-image': ['importieren', 'importiert'],
  'pull-image': ['herunterladen', 'heruntergeladen'],
  'fetch-image': ['holen', 'geholt'],
  'remove-image': ['als Image löschen', 'gelöscht'],
  'save-image': ['speichern', 'gespeichert'],
  commit: ['als Image speichern', 'als Image gespeichert'],
  prune: ['aufräumen', 'aufgeräumt'],
  update: ['ändern', 'geändert'],
  recreate: ['neu anlegen', 'neu angelegt'],
  clone: ['klonen', 'geklont'],
  rename: ['umbenennen', 'umbenannt'],
  export: ['exportieren', 'exportiert'],
  'import-guest': ['importieren', 'importiert'],
  'compact-disk': ['verkleinern', 'verkleinert'],
  'check-disk': ['prüfen', 'geprüft'],
  'open-disk': ['öffnen', 'geöffnet'],
  'close-disk': ['schließen', 'geschlossen'],
  snapshot: ['Snapshot aufnehmen', 'als Snapshot aufgenommen'],
  restore: ['wiederherstellen', 'wiederhergestellt'],
  'remove-snapshot': ['Snapshot löschen', 'um einen Snapshot erleichtert'],
  branch: ['neuer Gast aus Snapshot', 'zu einem neuen Gast gemacht'],
  suspend: ['schlafen legen', 'schlafen gelegt'],
  mend: ['in Ordnung bringen', 'in Ordnung gebracht'],
  'compose-up': ['hochfahren', 'hochgefahren'],
  'compose-down': ['abbauen', 'abgebaut'],
};

export const infinitive = (verb: OperationVerb): string => VERBS[verb]?.[0] ?? verb;
export const participle = (verb: OperationVerb): string => VERBS[verb]?.[1] ?? verb;
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export const words: Translated<typeof english> = {
  isolation: (isolation) => ({ container: 'Container', microvm: 'MicroVM', vm: 'VM' })[isolation],
  isolationLong: (isolation) => ({ container: 'Container', microvm: 'MicroVM', vm: 'Volle VM' })[isolation],
  aGuest: (isolation) => ({ container: 'Container', microvm: 'MicroVM', vm: 'volle VM' })[isolation],
  state: (state) =>
    ({
      creating: 'Entsteht',
      stopped: 'Gestoppt',
      starting: 'Startet',
      running: 'Läuft',
      paused: 'Pausiert',
      stopping: 'Stoppt',
      deleting: 'Wird gelöscht',
      failed: 'Fehler',
    })[state],
  anImage: (kind) => ({ rootfs: 'Dateibaum', disk: 'Festplatte', iso: 'Startmedium' })[kind],
  imageKind: (kind) => ({ rootfs: 'Dateibaum', disk: 'Festplatte', iso: 'Startmedium' })[kind],
  console: (kind) =>
    ({
      main: 'Hauptprogramm',
      serial: 'Serielle Konsole',
      display: 'Bildschirm',
      exec: 'Shell',
      log: 'Log',
      monitor: 'Monitor',
    })[kind],
  accelerator: (accelerator) => (accelerator === 'tcg' ? 'Emulation in Software' : accelerator.toUpperCase()),
  verb: (verb) =>
    verb === 'remove-image' ? 'Image löschen' : verb === 'save-image' ? 'Image speichern' : capital(infinitive(verb)),
  doing: (verb, target) => `${target} wird ${participle(verb)}`,
  outcome: (state) => ({ running: 'Läuft', done: 'Erledigt', failed: 'Gescheitert', cancelled: 'Abgebrochen' })[state],
  cores: (cpus) => (cpus === 1 ? '1 Kern' : `${number(cpus)} Kerne`),
  guests: (n) => plural(n, { one: '# Gast', other: '# Gäste' }),
  networks: (n) => plural(n, { one: '# Netzwerk', other: '# Netzwerke' }),
  volumes: (n) => plural(n, { one: '# Volume', other: '# Volumes' }),
  images: (n) => plural(n, { one: '# Image', other: '# Images' }),
};
