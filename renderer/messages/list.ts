/** Text of the list of guests: its filter, columns, order and groups. */
import type { ColumnName } from '../state/list/columns.ts';

const COLUMN: Record<ColumnName, string> = {
  name: 'Name',
  state: 'State',
  screen: 'Screen',
  cpu: 'CPU',
  memory: 'Memory',
  disk: 'Disk',
  network: 'Network',
  image: 'Image',
  up: 'Up',
  labels: 'Labels',
  restarts: 'Restarts',
  created: 'Created',
};

const quoted = (text: string): string => `“${text}”`;
const meant = (near: string | null): string => (near === null ? '' : ` Did you mean ${near}?`);

export const list = {
  column: (name: ColumnName): string => COLUMN[name],
  sortBy: (name: ColumnName, now: 'up' | 'down' | null): string =>
    now === null ? `Sort by ${COLUMN[name]}` : `${COLUMN[name]}, sorted ${now === 'up' ? 'upwards' : 'downwards'}`,
  columns: 'Columns',
  view: 'Columns and order',
  order: 'Order',
  downwards: 'Downwards',
  density: 'Rows',
  densities: { dense: 'Dense', comfortable: 'Comfortable' },
  groupings: { none: 'No groups', host: 'Host', state: 'State', isolation: 'Isolation', project: 'Project' },
  byLabel: (key: string): string => `Label ${key}`,
  labelNone: (key: string): string => `without ${key}`,
  labelGroup: (key: string, value: string): string => (value === '' ? key : `${key}=${value}`),
  fold: (title: string): string => `Fold ${title}`,
  unfold: (title: string): string => `Unfold ${title}`,
  read: 'read',
  write: 'write',
  in: 'in',
  out: 'out',
  suggestions: 'Ways to go on',
  /** What each word of the filter asks about, for completion. */
  keys: {
    name: 'part of its name',
    state: 'running, stopped, failed, …',
    kind: 'container, microvm or vm',
    image: 'part of its image’s name',
    address: 'part of its address',
    port: 'a port on this host or in it',
    label: 'a label, or label=value',
    network: 'a network it is in',
    health: 'healthy, unhealthy, starting',
    cpu: 'per cent, as in cpu>50',
    memory: 'memory>512m, or memory>80% of its limit',
    disk: 'read and written a second, disk>1m',
    net: 'in and out a second, net>100k',
    up: 'time since its start, up>2h',
    restarts: 'by its restart policy, restarts>0',
    cores: 'processors it may use',
  },
  problems: {
    key: (key: string, near: string | null): string => `There is no ${quoted(key)} to filter by.${meant(near)}`,
    choice: (key: string, value: string, near: string | null): string => `${quoted(value)} is no ${key}.${meant(near)}`,
    number: (key: string, value: string, example: string): string =>
      value === ''
        ? `${key} wants a number, as in ${example}.`
        : `${quoted(value)} is no number for ${key}, as in ${example}.`,
    compare: (key: string): string => `${key} cannot be more or less; write ${key}:… instead.`,
    missing: (key: string): string => `What ${key}? Something is missing after the sign.`,
  },
  noMatchHint:
    'Words look at name, state, isolation, image, address, ports and labels. More: state:running cpu>50 image:debian label:team=web -name:test',
  label: {
    act: 'Label',
    command: 'Label…',
    title: (n: number, name: string): string => (n === 1 ? `Labels of ${name}` : `Label ${n} guests`),
    text: 'Guests can be found and grouped by their labels. Nothing is restarted.',
    textSome: 'Added to the labels they have. A line that begins with - takes that label away.',
    lines: 'Labels, one a line',
    placeholder: 'team=web',
    keep: 'Leave as they are',
  },
  bulk: {
    going: (doing: string, done: number, all: number): string => `${doing}: ${done} of ${all}`,
    failed: (n: number): string => (n === 1 ? '1 failed' : `${n} failed`),
    show: 'Show them',
    stop: 'Stop here',
    stopHint: 'What has begun ends; the rest is left alone',
    done: (doing: string, n: number): string => `${doing}: all ${n}`,
    allFailed: (what: string, n: number, of: number): string => `${what}: ${n} of ${of} failed`,
    close: 'Put away',
  },
};
