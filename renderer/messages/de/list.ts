/** Die Liste der Gäste. */
import { number, plural } from '../format.ts';
import type { Translated } from '../language.ts';
import type { list as english } from '../list.ts';

const COLUMN = {
  name: 'Name',
  state: 'Zustand',
  screen: 'Bildschirm',
  cpu: 'CPU',
  memory: 'Speicher',
  disk: 'Platte',
  network: 'Netz',
  image: 'Image',
  up: 'Läuft',
  labels: 'Etiketten',
  restarts: 'Neustarts',
  created: 'Erstellt',
} as const;
const quoted = (text: string): string => `„${text}“`;
const meant = (near: string | null): string => (near === null ? '' : ` Ist ${near} gemeint?`);

export const list: Translated<typeof english> = {
  column: (name) => COLUMN[name],
  sortBy: (name, now) =>
    now === null
      ? `Nach ${COLUMN[name]} ordnen`
      : `${COLUMN[name]}, ${now === 'up' ? 'aufsteigend' : 'absteigend'} geordnet`,
  columns: 'Spalten',
  view: 'Spalten und Reihenfolge',
  order: 'Reihenfolge',
  downwards: 'Absteigend',
  density: 'Zeilen',
  densities: { dense: 'Dicht', comfortable: 'Bequem' },
  groupings: { none: 'Keine Gruppen', host: 'Host', state: 'Zustand', isolation: 'Isolation', project: 'Projekt' },
  byLabel: (key) => `Etikett ${key}`,
  labelNone: (key) => `ohne ${key}`,
  labelGroup: (key, value) => (value === '' ? key : `${key}=${value}`),
  fold: (title) => `${title} zuklappen`,
  unfold: (title) => `${title} aufklappen`,
  read: 'lesen',
  write: 'schr.',
  in: 'ein',
  out: 'aus',
  suggestions: 'So kann es weitergehen',
  keys: {
    name: 'Teil des Namens',
    state: 'running, stopped, failed, …',
    kind: 'container, microvm oder vm',
    image: 'Teil des Namens seines Images',
    address: 'Teil der Adresse',
    port: 'ein Port auf diesem Host oder im Gast',
    label: 'ein Etikett, oder Etikett=Wert',
    network: 'ein Netzwerk, in dem er ist',
    health: 'healthy, unhealthy, starting',
    cpu: 'Prozent, wie in cpu>50',
    memory: 'memory>512m, oder memory>80% seiner Grenze',
    disk: 'gelesen und geschrieben je Sekunde, disk>1m',
    net: 'ein und aus je Sekunde, net>100k',
    up: 'Zeit seit dem Start, up>2h',
    restarts: 'durch seine Regel, restarts>0',
    cores: 'Prozessoren, die er nutzen darf',
  },
  problems: {
    key: (key, near) => `Nach ${quoted(key)} lässt sich nicht filtern.${meant(near)}`,
    choice: (key, value, near) => `${quoted(value)} gibt es für ${key} nicht.${meant(near)}`,
    number: (key, value, example) =>
      value === ''
        ? `${key} braucht eine Zahl, wie in ${example}.`
        : `${quoted(value)} ist keine Zahl für ${key}, wie in ${example}.`,
    compare: (key) => `${key} kann nicht größer oder kleiner sein; richtig ist ${key}:….`,
    missing: (key) => `Welches ${key}? Nach dem Zeichen fehlt etwas.`,
  },
  noMatchHint:
    'Wörter suchen in Name, Zustand, Isolation, Image, Adresse, Ports und Etiketten. Mehr: state:running cpu>50 image:debian label:team=web -name:test',
  label: {
    act: 'Etikettieren',
    command: 'Etiketten…',
    title: (n, name) => (n === 1 ? `Etiketten von ${name}` : `${number(n)} Gäste etikettieren`),
    text: 'Nach Etiketten lassen sich Gäste finden und gruppieren. Nichts wird neu gestartet.',
    textSome: 'Kommt zu den vorhandenen Etiketten hinzu. Eine Zeile, die mit - beginnt, nimmt das Etikett weg.',
    lines: 'Etiketten, eines je Zeile',
    placeholder: 'team=web',
    keep: 'So lassen',
  },
  bulk: {
    going: (doing, done, all) => `${doing}: ${number(done)} von ${number(all)}`,
    failed: (n) => plural(n, { one: '1 fehlgeschlagen', other: '# fehlgeschlagen' }),
    show: 'Zeigen',
    stop: 'Hier aufhören',
    stopHint: 'Was begonnen hat, wird beendet; der Rest bleibt, wie er ist',
    done: (doing, n) => `${doing}: alle ${number(n)}`,
    allFailed: (what, n, of) => `${what}: ${number(n)} von ${number(of)} fehlgeschlagen`,
    close: 'Weglegen',
  },
};
