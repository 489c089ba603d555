/** Eine laufende Maschine, von außen gesehen. */
import { count, plural } from '../format.ts';
import type { inside as english } from '../inside.ts';
import type { Translated } from '../language.ts';

export const inside: Translated<typeof english> = {
  title: 'Die Maschine, von außen gesehen',
  hint: 'Von ihrem Emulator und ihrem Agenten; der Gast merkt nichts davon.',
  look: 'Noch einmal hinsehen',
  reading: 'Es wird in die Maschine hineingesehen',
  facts: (version, status) => `QEMU ${version}, ${status}`,
  processors: 'Prozessoren',
  processor: (index) => `Prozessor ${count(index)}`,
  thread: 'Thread des Hosts',
  cpuTime: 'CPU-Zeit',
  halted: 'wartet',
  running: 'läuft',
  registers: 'Register',
  memory: (ranges) => plural(ranges, { one: 'Speicherkarte, # Bereich', other: 'Speicherkarte, # Bereiche' }),
  from: 'Von',
  to: 'Bis',
  kind: 'Art',
  name: 'Name',
  devices: (n) => plural(n, { one: '# Gerät', other: '# Geräte' }),
  slot: 'Steckplatz',
  ids: 'Kennung',
  drives: (n) => plural(n, { one: '# Laufwerk', other: '# Laufwerke' }),
  file: 'Datei',
  size: 'Größe',
  empty: 'leer',
  readOnly: 'nur lesbar',
  lines: 'Leitungen zum Gast',
  heard: (name) => `${name}: Der Gast hört zu`,
  unheard: (name) => `${name}: Im Gast hört niemand zu`,
  agent: 'Agent darin',
  agentFacts: (version, system, kernel) => [`qemu-guest-agent ${version}`, system, kernel].filter(Boolean).join(', '),
  monitor: 'Monitor von QEMU fragen',
  monitorHint: 'Für Fachleute: eine Zeile wie `info status`. Was sie mit der Maschine macht, ist getan.',
};
