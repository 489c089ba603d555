/** Die Seite Vergleich. */
import type { Isolation } from '../../../engine/contract/index.ts';
import type { Asked } from '../../compare/side-by-side.ts';
import type { compare as english } from '../compare.ts';
import { plural } from '../format.ts';
import type { Translated } from '../language.ts';

const ASKED: Record<Asked, string> = {
  cpus: 'Prozessoren',
  memory: 'Arbeitsspeicher',
  ports: 'Ports im Gast',
  folders: 'Ordner',
  network: 'Netzwerk',
  command: 'Befehl',
};
const AS: Record<Isolation, string> = { container: 'Container', microvm: 'MicroVM', vm: 'volle VM' };
const NONE: Record<Isolation, string> = { container: 'Kein Container', microvm: 'Keine MicroVM', vm: 'Keine volle VM' };
const SHOWN: Record<Isolation, string> = {
  container: 'Der gezeigte Container',
  microvm: 'Die gezeigte MicroVM',
  vm: 'Die gezeigte volle VM',
};

export const compare: Translated<typeof english> = {
  title: 'Vergleich',
  text: 'Ein Image als Container, MicroVM und volle VM: was jedes auf diesem Host kostet',
  image: 'Image',
  guest: (isolation) => SHOWN[isolation],
  table: (image) => `${image} nebeneinander`,
  what: 'Was',
  cost: 'Kosten',
  costHint: 'weniger ist besser; gesehen an genau diesen Gästen, ihre letzten zehn Starts',
  asked: 'Was verlangt wurde',
  askedHint: 'Zahlen vergleichen nur dort Gleiches mit Gleichem, wo dies übereinstimmt',
  isolated: 'Isolation',
  none: (isolation) => `${NONE[isolation]} aus diesem Image`,
  make: 'Gleichen Gast anlegen',
  makeHint: (name, isolation) => `Neuer Gast mit allem von ${name}, als ${AS[isolation]}`,
  notPossible: 'Hier nicht möglich',
  open: (name) => `${name} öffnen`,
  start: 'Start',
  startHint: 'bis sein eigenes Programm beginnt',
  memory: 'Arbeitsspeicher auf dem Host',
  memoryHint: 'in Ruhe, 10 s nach einem Start',
  disk: 'Festplatte',
  diskHint: 'eigene Daten, das Image wird geteilt',
  range: (least, most) => `${least} bis ${most}`,
  times: (factor) => `${factor}×`,
  measured: (n) => `hier gemessen, Median ${plural(n, { one: 'eines Starts', other: 'von # Starts' })}`,
  measuredOnce: 'hier gemessen, 1 Start',
  notMeasured: 'Nicht gemessen',
  why: {
    start: 'noch nicht gestartet, oder nicht seit seine Einstellungen zuletzt geändert wurden',
    answering:
      'sein eigenes Programm sagte nicht, dass es begonnen hat; oder seine Einstellungen wurden seit dem letzten Start geändert',
    settling: 'lief noch keine 10 s',
  },
  single: 'Noch gibt es nichts, womit es verglichen werden könnte.',
  same: 'gleich',
  differs: 'verschieden',
  differ: (what) =>
    `Von diesen Gästen wurde nicht das Gleiche verlangt (${what.join(', ')}); ihre Zahlen vergleichen deshalb nicht Gleiches mit Gleichem.`,
  askedOf: (key) => ASKED[key],
  nothing: 'keine',
  imagesOwn: 'der des Images',
  kernel: 'Kernel',
  hostKernel: (release) => `${release}, mit dem Host geteilt`,
  ownKernel: 'ein eigener',
  ownKernelBy: (accelerator) => `ein eigener, ausgeführt durch ${accelerator}`,
  unmeasured:
    'Durchsatz von CPU, Festplatte und Netzwerk wird hier nicht gemessen: Er hängt von der Arbeit ab. Am besten die eigene in jedem Gast laufen lassen und unter Ressourcen nachsehen.',
  empty: {
    title: 'Noch nichts zu vergleichen',
    text: 'Einen Gast aus einem Image als Container anlegen, dann einen gleichen als virtuelle Maschine. Was jeder hier kostet, steht dann nebeneinander.',
  },
};
