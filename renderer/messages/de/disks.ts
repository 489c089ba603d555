/** Die Festplatten einer Maschine. */
import type { disks as english } from '../disks.ts';
import { bytes, number } from '../format.ts';
import type { Translated } from '../language.ts';

export const disks: Translated<typeof english> = {
  title: 'Festplatten',
  name: 'Name',
  size: 'Größe',
  used: 'Auf diesem Host',
  from: 'Aus',
  state: 'Zustand',
  unknown: '–',
  empty: 'leer',
  stateOf: ({ kind, attached, readOnly }) =>
    [
      attached ? (kind === 'cd' ? 'im Laufwerk' : 'angeschlossen') : 'abgetrennt',
      ...(readOnly && kind !== 'cd' ? ['nur lesen'] : []),
      ...(kind === 'host' ? ['eine Platte dieses Hosts'] : []),
    ].join(', '),
  actions: (name) => `Befehle für die Festplatte ${name}`,
  loading: 'Festplatten werden betrachtet',
  attach: 'Anschließen',
  detach: 'Abtrennen',
  eject: 'Auswerfen',
  add: 'Festplatte hinzufügen',
  insert: 'CD einlegen',
  resize: 'Vergrößern…',
  compact: 'Ungenutzten Platz zurückgeben',
  check: 'Prüfen',
  repair: 'Prüfen und reparieren…',
  remove: 'Löschen…',
  whyRunning: 'vorher stoppen',
  whyRaw: 'an einer Raw-Platte ist nichts zu prüfen',
  compacted: (name, before, after) =>
    after < before ? `${name}: vorher ${bytes(before)}, jetzt ${bytes(after)}` : `${name}: nichts zurückzugeben`,
  checked: (name, { state, leaks, corruptions, leaksFixed, corruptionsFixed }) => {
    const fixed = leaksFixed + corruptionsFixed;
    const mended = fixed > 0 ? `, ${number(fixed)} repariert` : '';
    if (state === 'whole') return `${name} ist in Ordnung${mended}`;
    if (state === 'leaks') return `${name}: ${number(leaks)} Stellen verlorener Platz, keine Daten betroffen${mended}`;
    return `${name}: ${number(corruptions)} Stellen sind beschädigt${mended}`;
  },
  ask: {
    title: (guest) => `Eine weitere Festplatte für ${guest}`,
    name: 'Name',
    nameHint: 'Buchstaben, Ziffern, - und _. Ein Linux-Gast findet sie als /dev/disk/by-id/virtio-name.',
    kind: 'Entsteht aus',
    kinds: { empty: 'Nichts', image: 'Image', host: 'Platte dieses Hosts' },
    kindHints: {
      empty: 'Eine leere Festplatte der Größe unten.',
      image: 'Eine Differenz zu einem vorhandenen Festplatten-Image; das Image bleibt, wie es ist.',
      host: 'Die Platte oder Partition selbst: der Gast schreibt darauf, und ihr Inhalt kann verloren gehen.',
    },
    source: 'Image oder Gerät',
    sourceHint: 'Der Name eines Festplatten-Images oder ein Pfad wie /dev/sdb. Leer für eine leere Festplatte.',
    size: 'Größe in GiB',
    cache: 'Schreibvorgänge sind sicher',
    caches: {
      writeback: 'wenn der Gast es verlangt',
      none: 'wenn der Gast es verlangt, am Cache dieses Hosts vorbei',
      writethrough: 'sofort',
      unsafe: 'nie: nur für Wegwerfdaten',
    },
    readOnly: 'Der Gast kann nur lesen',
    keep: 'Abbrechen',
    yes: 'Festplatte hinzufügen',
    sure: (path) => `Dem Gast ${path} geben?`,
    sureText:
      'Der Gast bekommt die Platte selbst, keine Kopie. Was er schreibt, verändert ihren Inhalt und lässt sich nicht rückgängig machen. Solange dieser Host sie benutzt, wird das abgelehnt.',
    sureKeep: 'Behalten',
    sureYes: 'Hergeben',
  },
  insertAsk: {
    title: (guest) => `Eine CD für ${guest}`,
    path: 'ISO-Datei auf diesem Host',
    keep: 'Abbrechen',
    yes: 'Einlegen',
  },
  resizeAsk: {
    title: (name) => `${name} vergrößern`,
    text: 'Ein laufender Gast sieht die neue Größe sofort; Partitionen und Dateisysteme vergrößert er selbst. Kleiner kann eine Festplatte nicht werden.',
    size: 'Neue Größe in GiB',
    keep: 'Größe behalten',
    yes: 'Vergrößern',
  },
  removeAsk: {
    title: (name, guest) => `Festplatte ${name} von ${guest} löschen?`,
    text: 'Alles darauf ist verloren. Das lässt sich nicht rückgängig machen.',
    hostText: 'Die Platte dieses Hosts bleibt, wie sie ist; nur der Gast hat sie nicht mehr.',
    keep: (name) => `${name} behalten`,
    yes: (name) => `${name} löschen`,
  },
  repairAsk: {
    title: (name) => `Festplatte ${name} reparieren?`,
    text: 'Verlorener Platz wird zurückgegeben, und widersprüchliche Stellen werden in Einklang gebracht. Bereits beschädigte Daten können dabei verloren gehen: vorher besser klonen.',
    keep: 'Lassen',
    yes: 'Reparieren',
  },
};
