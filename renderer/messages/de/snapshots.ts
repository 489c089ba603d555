/** Die Snapshots eines Gastes. */
import { bytes, list, span } from '../format.ts';
import type { Translated } from '../language.ts';
import type { snapshots as english } from '../snapshots.ts';

const STATES = { running: 'lief', paused: 'pausiert', stopped: 'gestoppt' };

export const snapshots: Translated<typeof english> = {
  title: 'Snapshots',
  loading: 'Snapshots werden betrachtet',
  take: 'Snapshot aufnehmen',
  name: 'Name',
  taken: 'Aufgenommen',
  size: 'Auf diesem Host',
  state: 'Damals',
  nowHere: 'hier',
  hereTitle: 'Auf diesem steht der Gast',
  stateOf: ({ state, memory }) => `${STATES[state]}${memory ? ', mit Speicher' : ''}`,
  auto: 'nach Zeitplan',
  actions: (name) => `Befehle für den Snapshot ${name}`,
  picture: (name) => `Der Bildschirm, als ${name} aufgenommen wurde`,
  since: (amount, name) =>
    name === null ? `${bytes(amount)} gehören jetzt ihm allein.` : `Seit ${name} wurden ${bytes(amount)} geschrieben.`,
  kept: (amount) => ` ${bytes(amount)} von gelöschten werden von mehreren anderen noch gebraucht.`,
  leftOut: (what) => `Nicht Teil eines Snapshots: ${list(what)}.`,
  none: {
    title: 'Noch keine Snapshots',
    text: 'Ein Snapshot hält fest, was der Gast jetzt ist, um dahin zurückzukehren: vor einer Aktualisierung, einem Versuch, einer Änderung, die man bereuen könnte. Er dauert einen Augenblick, auch im Betrieb, und braucht wenig Platz: nur was danach geschrieben wird, zählt.',
  },
  takeAsk: {
    title: (guest) => `Ein Snapshot von ${guest}`,
    name: 'Name',
    namePlaceholder: 'seine Zeit',
    description: 'Wofür er ist',
    memory: (amount) =>
      `Mit Arbeitsspeicher (höchstens ${bytes(amount)}): wiederhergestellt läuft er dort weiter, wo er war`,
    noMemory: (why) => `Sein Arbeitsspeicher wird nicht aufgehoben: ${why}`,
    keep: 'Abbrechen',
    yes: 'Snapshot aufnehmen',
    done: (name, amount) => `Snapshot ${name} aufgenommen: ${bytes(amount)}`,
  },
  restore: 'Wiederherstellen…',
  restoreAsk: {
    title: (guest, name) => `${guest} wieder zu dem machen, was er in ${name} war?`,
    lost: (amount, base) => {
      const much = amount === null ? '' : ` (${bytes(amount)})`;
      return base === null
        ? `Alles, was in keinem Snapshot steht${much}, geht verloren.`
        : `Was er seit ${base} geschrieben hat${much}, geht verloren.`;
    },
    ends: ' Er läuft und wird sofort beendet.',
    goesOn: ' Dann läuft er mit seinem Arbeitsspeicher dort weiter, wo er war.',
    stays: ' Danach ist er gestoppt.',
    others: ' Die Snapshots bleiben alle.',
    keep: 'So lassen',
    yes: (name) => `${name} wiederherstellen`,
    done: (guest, name) => `${guest} ist wieder, was er in ${name} war`,
  },
  branch: 'Neuer Gast daraus…',
  branchAsk: {
    title: (name) => `Ein neuer Gast aus ${name}`,
    text: 'Er beginnt, wie dieser damals war, wie nach einem Stromausfall, mit eigener Adresse. Was beide gemeinsam haben, liegt nur einmal auf der Platte.',
    name: 'Name des neuen Gastes',
    keep: 'Abbrechen',
    yes: 'Gast anlegen',
    done: (name) => `${name} ist angelegt`,
  },
  edit: 'Name und Zweck…',
  editAsk: { title: (name) => `Der Snapshot ${name}`, keep: 'Abbrechen', yes: 'Speichern' },
  remove: 'Löschen…',
  removeAsk: {
    title: (name) => `Snapshot ${name} löschen?`,
    text: (guest, memory) =>
      `${guest} kann das nicht wieder werden${memory ? ', und der aufgehobene Arbeitsspeicher ist weg' : ''}. Was er jetzt ist und die anderen Snapshots bleiben: was sie davon brauchen, geht in sie über, und das kann dauern.`,
    keep: (name) => `${name} behalten`,
    yes: (name) => `${name} löschen`,
    done: (name, before, after) => `${name} gelöscht: vorher ${bytes(before)}, jetzt ${bytes(after)}`,
  },
  schedule: {
    edit: 'Zeitplan…',
    off: 'Von selbst wird keiner aufgenommen.',
    on: ({ everyMs, keep, memory }) =>
      `Alle ${span(everyMs)} einer${memory ? ', mit Speicher' : ''}; die letzten ${keep} bleiben.`,
    title: (guest) => `Snapshots von ${guest} von selbst`,
    text: 'Von einem Gast, der seit dem letzten lief, auch wenn kein Fenster offen ist. Selbst aufgenommene werden nie entfernt.',
    every: 'Wie oft',
    rhythms: { never: 'Nie', hour: 'Stündlich', sixHours: '6 Stunden', day: 'Täglich', week: 'Wöchentlich' },
    count: 'Wie viele bleiben',
    memory: 'Mit Arbeitsspeicher, wo das geht',
    keep: 'Abbrechen',
    yes: 'Speichern',
  },
  offline: 'nicht verbunden',
  suspend: {
    command: 'Auf die Platte schlafen legen',
    whyContainer: 'ein Container hat keinen eigenen Arbeitsspeicher',
    whyNot: 'läuft nicht',
    note: (ago) =>
      `Schläft, ${ago}: sein Arbeitsspeicher liegt auf der Platte. Starten macht dort weiter; Stoppen gibt ihn auf.`,
    giveUp: 'Arbeitsspeicher aufgeben',
    ask: (guest) => `Den Arbeitsspeicher von ${guest} aufgeben?`,
    askText:
      'Was seine Programme im Speicher und noch nicht auf der Platte hatten, geht verloren, wie nach einem Stromausfall.',
    keep: 'Behalten',
    yes: 'Aufgeben',
  },
};
