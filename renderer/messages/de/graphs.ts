/** Die Diagramme. */
import type { m as english, Range } from '../../graphs/messages.ts';
import { clock, number, plural, shortClock, shortDay } from '../format.ts';
import type { Translated } from '../language.ts';

const SHORT: Record<Range, string> = { 300: '5 min', 3600: '1 h', 86400: '24 h', 604800: '7 d', 2592000: '30 d' };
const LONG: Record<Range, string> = {
  300: 'der letzten fünf Minuten',
  3600: 'der letzten Stunde',
  86400: 'der letzten 24 Stunden',
  604800: 'der letzten sieben Tage',
  2592000: 'der letzten 30 Tage',
};

export const graphs: Translated<typeof english> = {
  range: 'Zeitraum',
  rangeName: (range) => SHORT[range],
  live: (seconds) => plural(seconds, { one: 'Live, jede Sekunde', other: 'Live, alle # s' }),
  paused: 'Angehalten',
  pause: 'Diagramme anhalten (Leertaste)',
  resume: 'Fortsetzen (Leertaste)',
  export: 'Exportieren',
  exportCsv: 'Zahlen als CSV',
  exportJson: 'Zahlen als JSON',
  exportPng: 'Bild als PNG',
  now: 'jetzt',
  average: 'Mittel',
  peak: 'Spitze',
  noData: 'keine Werte',
  none: '–',
  charts: (name) => `Ressourcen von ${name}. Links und Rechts bewegen den Zeiger um einen Messwert, Escape lässt los.`,
  titles: { cpu: 'CPU', memory: 'Speicher', disk: 'Festplatte', network: 'Netzwerk' },
  lines: {
    cpu: 'Auslastung',
    memory: 'auf dem Host',
    diskRead: 'lesen',
    diskWrite: 'schreiben',
    netIn: 'ein',
    netOut: 'aus',
  },
  hostMemory: 'belegt',
  ofCores: (cores) => (cores === 1 ? '% von 1 Kern' : `% von ${number(cores)} Kernen`),
  unitWithLimit: (unit, limit) => `${unit}, Grenze ${limit}`,
  unitForGuest: (unit, size) => `${unit}, ${size} für den Gast`,
  unitOf: (unit, total) => `${unit}, von ${total}`,
  cursor: (at, days) => (days ? `${shortDay(at)}, ${shortClock(at)}` : clock(at)),
  tick: (at, days) => (days ? shortDay : shortClock)(at),
  empty: 'Noch keine Messwerte',
  emptyHint: 'Jede Sekunde kommt einer hinzu, solange der Gast läuft.',
  emptyRange: 'Keine Messwerte in diesem Zeitraum',
  failed: 'Der Verlauf konnte nicht gelesen werden.',
  retry: 'Erneut lesen',
  picture: (title, range) => `${title} ${LONG[range]}`,
  summary: (title, parts) => `${title}: ${parts.join('; ')}.`,
  summaryLine: (label, now, average, peak, unit) => `${label} ${now}, im Mittel ${average}, Spitze ${peak} ${unit}`,
  summaryNone: (title) => `${title}: keine Messwerte in diesem Zeitraum.`,
};
