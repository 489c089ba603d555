/** Der Bereich Ressourcen. */
import { number, plural } from '../format.ts';
import type { Translated } from '../language.ts';
import type { resources as english } from '../resources.ts';

const KIND = { cpu: 'CPU', memory: 'Speicher', disk: 'Platte', network: 'Netzwerk' } as const;
const guests = (n: number): string => plural(n, { one: '1 Gast', other: '# Gäste' });

export const resources: Translated<typeof english> = {
  title: 'Ressourcen',
  text: 'Wer auf diesem Host was verbraucht',
  kind: 'Was',
  kindName: (kind) => KIND[kind],
  chart: (kind, range) => `${kind} aller Gäste ${range}, gestapelt`,
  summary: (parts) => (parts.length === 0 ? 'Keine Werte.' : `${parts.join('; ')}.`),
  summaryOf: (name, average, peak) => `${name} im Mittel ${average}, Spitze ${peak}`,
  others: (n) => (n === 1 ? '1 weiterer Gast' : `${n} weitere Gäste`),
  all: 'Alle Gäste',
  guest: 'Gast',
  now: 'jetzt',
  none: 'In diesem Zeitraum hat kein Gast Werte',
  gone: 'entfernt',
  csv: 'Als CSV sichern',
  open: (name) => `Diagramme von ${name} öffnen`,
  cost: 'Messen',
  costText: (percent) =>
    `Jede Sekunde nach jedem Gast zu sehen kostet ${percent} eines Prozessors, im Mittel der letzten Minute.`,
  thresholds: {
    title: 'Schwellen',
    text: 'Eine Meldung kommt, wenn ein Gast so lange einer Schwelle entspricht. Geschrieben wie der Filter der Liste: cpu>90, memory>80% label:team=web.',
    when: 'Wenn',
    whenHint: 'cpu>90',
    for: 'für',
    seconds: (n) => (n < 60 ? `${number(n)} s` : `${number(n / 60)} min`),
    add: 'Schwelle hinzufügen',
    remove: (rule) => `${rule} entfernen`,
    on: (rule) => `${rule} beobachten`,
    allow: 'Benachrichtigungen erlauben',
    denied: 'Dieser Browser zeigt keine Benachrichtigungen des Fensters; sie erscheinen nur im Fenster.',
    unsupported: 'Benachrichtigungen erscheinen nur im Fenster.',
    crossed: (name, rule, span) => `${name}: ${rule} seit ${span}`,
    show: 'Zeigen',
    needsFigure: 'Eine Schwelle braucht einen Wert, wie cpu>90.',
    matching: (n) => (n === 0 ? 'gerade keiner' : `gerade ${guests(n)}`),
  },
};
