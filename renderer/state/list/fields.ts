/** What a guest can be asked about by the filter: key by key. Pure. */
import type { Guest, Sample } from '../../../engine/contract/index.ts';
import { m } from '../../messages.ts';
import { isLive } from '../verbs.ts';

/** A guest with its newest figures. */
export interface Facts {
  readonly guest: Guest;
  readonly sample: Sample | undefined;
  readonly nowMs: number;
}

export type Measure = 'percent' | 'bytes' | 'rate' | 'span' | 'count';

export type Field =
  /** Any of its texts holds what is asked for. */
  | { readonly kind: 'text'; texts(guest: Guest): readonly string[] }
  /** It is exactly one of the choices. */
  | { readonly kind: 'choice'; readonly choices: readonly string[]; of(guest: Guest): string }
  | { readonly kind: 'port' }
  | { readonly kind: 'label' }
  | {
      readonly kind: 'number';
      readonly measure: Measure;
      /** Changes every second. */
      readonly live: boolean;
      readonly example: string;
      of(facts: Facts): number | null;
      /** Share of what it may have at most, for `80%`; left out: there is none. */
      share?(facts: Facts): number | null;
    };

const sum = (a: number | null | undefined, b: number | null | undefined): number | null =>
  a == null && b == null ? null : (a ?? 0) + (b ?? 0);

export const diskRate = (sample: Sample | undefined): number | null => sum(sample?.diskReadBps, sample?.diskWriteBps);
export const netRate = (sample: Sample | undefined): number | null => sum(sample?.netInBps, sample?.netOutBps);
export const upMs = ({ guest, nowMs }: Facts): number | null =>
  isLive(guest.state) && guest.startedAt !== null ? nowMs - guest.startedAt : null;

const STATES = ['running', 'paused', 'stopped', 'failed', 'starting', 'stopping', 'creating', 'deleting'];
const HEALTHS = ['healthy', 'unhealthy', 'starting', 'none'];

export const FIELDS = {
  name: { kind: 'text', texts: (guest) => [guest.name] },
  state: { kind: 'choice', choices: STATES, of: (guest) => guest.state },
  kind: { kind: 'choice', choices: ['container', 'microvm', 'vm'], of: (guest) => guest.isolation },
  image: { kind: 'text', texts: (guest) => [guest.image ?? ''] },
  label: { kind: 'label' },
  cpu: {
    kind: 'number',
    measure: 'percent',
    live: true,
    example: 'cpu>50',
    of: ({ sample }) => sample?.cpuPercent ?? null,
  },
  memory: {
    kind: 'number',
    measure: 'bytes',
    live: true,
    example: 'memory>512m',
    of: ({ sample }) => sample?.memoryBytes ?? null,
    share: ({ sample }) =>
      sample?.memoryBytes != null && sample.memoryLimitBytes
        ? (sample.memoryBytes / sample.memoryLimitBytes) * 100
        : null,
  },
  disk: {
    kind: 'number',
    measure: 'rate',
    live: true,
    example: 'disk>1m',
    of: ({ sample }) => diskRate(sample),
  },
  net: { kind: 'number', measure: 'rate', live: true, example: 'net>100k', of: ({ sample }) => netRate(sample) },
  up: { kind: 'number', measure: 'span', live: true, example: 'up>2h', of: upMs },
  address: { kind: 'text', texts: (guest) => guest.addresses.flatMap(({ v4, v6 }) => [v4 ?? '', v6 ?? '']) },
  port: { kind: 'port' },
  network: {
    kind: 'text',
    texts: (guest) => [guest.spec.network, ...guest.addresses.map(({ network }) => network)],
  },
  health: { kind: 'choice', choices: HEALTHS, of: (guest) => guest.health?.status ?? 'none' },
  restarts: {
    kind: 'number',
    measure: 'count',
    live: false,
    example: 'restarts>0',
    of: ({ guest }) => guest.restarts,
  },
  cores: { kind: 'number', measure: 'count', live: false, example: 'cores>2', of: ({ guest }) => guest.spec.cpus },
} as const satisfies Record<keyof typeof m.list.keys, Field>;

export type FieldKey = keyof typeof FIELDS;

/** Words people bring along from elsewhere. */
const OTHER_WORDS: Record<string, FieldKey> = {
  status: 'state',
  is: 'state',
  isolation: 'kind',
  type: 'kind',
  ip: 'address',
  mem: 'memory',
  ram: 'memory',
  labels: 'label',
  tag: 'label',
  uptime: 'up',
  cpus: 'cores',
  io: 'disk',
  ports: 'port',
};

export function fieldKey(word: string): FieldKey | null {
  if (Object.hasOwn(FIELDS, word)) return word as FieldKey;
  return Object.hasOwn(OTHER_WORDS, word) ? (OTHER_WORDS[word] as FieldKey) : null;
}

/** What a word without a key is looked for in; kept with the guest, which is another object after every change. */
const texts = new WeakMap<Guest, string>();

export function everything(guest: Guest): string {
  let text = texts.get(guest);
  if (text === undefined) {
    text = [
      guest.name,
      m.words.state(guest.state),
      m.words.isolation(guest.isolation),
      guest.image ?? '',
      guest.address ?? '',
      ...guest.ports.map((port) => `:${port.hostPort} :${port.guestPort}`),
      ...Object.entries(guest.spec.labels).map(([key, value]) => `${key}=${value}`),
    ]
      .join('\n')
      .toLowerCase();
    texts.set(guest, text);
  }
  return text;
}
