/** A house full of guests in every state, as a real one would say it. Names and figures are invented. */
import type { EngineEvent, Guest, GuestState, Image, Isolation } from '../../engine/contract/index.ts';
import { RUN_DEFAULTS } from '../../engine/guests/run-defaults.ts';
import { NO_CONFIG } from '../../engine/images/config.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Given {
  name: string;
  isolation: Isolation;
  state: GuestState;
  image: string | null;
  ports?: readonly (readonly [hostPort: number, guestPort: number])[];
  cpus?: number;
  memoryMib?: number;
}

const GIVEN: readonly Given[] = [
  {
    name: 'web-gateway',
    isolation: 'container',
    state: 'running',
    image: 'debian:12',
    ports: [
      [8443, 443],
      [8080, 80],
    ],
    memoryMib: 256,
  },
  {
    name: 'orders-api',
    isolation: 'container',
    state: 'running',
    image: 'node:22',
    ports: [[3000, 3000]],
    memoryMib: 512,
  },
  {
    name: 'orders-db',
    isolation: 'microvm',
    state: 'running',
    image: 'postgres:17.2',
    ports: [[5433, 5432]],
    cpus: 2,
    memoryMib: 512,
  },
  { name: 'queue', isolation: 'microvm', state: 'running', image: 'nats:2.11', ports: [[4222, 4222]], memoryMib: 256 },
  { name: 'untrusted-pdf', isolation: 'microvm', state: 'starting', image: 'busybox:latest' },
  {
    name: 'build-agent',
    isolation: 'vm',
    state: 'running',
    image: 'debian:12',
    ports: [[2222, 22]],
    cpus: 4,
    memoryMib: 4096,
  },
  { name: 'win11-lab', isolation: 'vm', state: 'paused', image: null, ports: [[3389, 3389]], cpus: 2, memoryMib: 4096 },
  { name: 'fedora-42', isolation: 'vm', state: 'stopped', image: 'fedora:42', cpus: 2, memoryMib: 2048 },
  { name: 'grafana', isolation: 'container', state: 'stopped', image: 'busybox:latest' },
  {
    name: 'media',
    isolation: 'container',
    state: 'running',
    image: 'debian:12',
    ports: [[8096, 8096]],
    memoryMib: 1024,
  },
  { name: 'pbx', isolation: 'vm', state: 'running', image: 'debian:12', ports: [[5060, 5060]], memoryMib: 1024 },
  { name: 'mail-archive', isolation: 'container', state: 'failed', image: 'debian:12', memoryMib: 512 },
];

export const hexId = (n: number): string => n.toString(16).padStart(12, '0');

export function makeGuest(given: Given, n: number, now: number): Guest {
  const ports = (given.ports ?? []).map(([hostPort, guestPort]) => ({
    hostIp: '127.0.0.1',
    hostPort,
    guestPort,
    protocol: 'tcp' as const,
  }));
  const live = given.state === 'running' || given.state === 'paused';
  const machine = given.isolation !== 'container';
  const failed = given.state === 'failed';
  return {
    id: hexId(n + 1),
    name: given.name,
    isolation: given.isolation,
    state: given.state,
    image: given.image,
    spec: {
      ...RUN_DEFAULTS,
      name: given.name,
      image: given.image,
      isolation: given.isolation,
      cpus: given.cpus ?? 1,
      memoryMib: given.memoryMib ?? 256,
      diskGib: machine ? 20 : null,
      ports,
      mounts: given.name === 'media' ? [{ source: '/srv/media', target: '/media', readOnly: true }] : [],
      env: given.name === 'orders-api' ? { NODE_ENV: 'production', DB_HOST: 'orders-db' } : {},
      command: null,
      iso: given.image === null ? '/srv/iso/setup.iso' : null,
      network: 'nat',
    },
    address: `10.99.0.${n + 3}`,
    addresses: [{ network: 'nat', v4: `10.99.0.${n + 3}`, v6: null }],
    health: null,
    restarts: 0,
    ports,
    createdAt: now - 9 * DAY + n * MINUTE,
    startedAt: live ? now - 3 * DAY - 4 * 60 * MINUTE - n * 7 * MINUTE : null,
    exit: failed
      ? { code: 137, signal: 9, outOfMemory: true, at: now - 20 * MINUTE }
      : given.state === 'stopped'
        ? { code: 0, signal: null, outOfMemory: false, at: now - DAY }
        : null,
    failure: failed
      ? {
          code: 'guest-failed',
          message: 'mail-archive ran out of memory.',
          subject: 'mail-archive',
          cause: 'All of its 512 MiB was in use and the kernel ended its main program.',
          hint: 'Give it more memory, then start it again.',
        }
      : null,
    notes: machine && live ? ['KVM is not usable here; software emulation runs it several times slower.'] : [],
    accelerator: machine && live ? 'tcg' : null,
    consoles: machine ? ['serial', 'display'] : ['main', 'exec', 'log'],
  };
}

/** `count` guests; the first dozen tell a story, the rest fill the list. */
export function makeGuests(count: number, now: number): Guest[] {
  const isolations: readonly Isolation[] = ['container', 'microvm', 'vm'];
  const states: readonly GuestState[] = ['running', 'running', 'running', 'stopped', 'paused'];
  return Array.from({ length: count }, (_, n) => {
    const given = GIVEN[n] ?? {
      name: `worker-${n}`,
      isolation: isolations[n % 3] as Isolation,
      state: states[n % 5] as GuestState,
      image: 'busybox:latest',
      ports: n % 4 === 0 ? [[20_000 + n, 80] as const] : [],
    };
    return makeGuest(given, n, now);
  });
}

export function makeImages(now: number): Image[] {
  const config = { ...NO_CONFIG, cmd: ['/bin/sh'], exposedPorts: [] as number[] };
  const base = { aliases: [], architecture: 'amd64', virtualBytes: null, createdAt: now - 2 * DAY };
  return [
    {
      ...base,
      id: `sha256:8f3c${'0'.repeat(56)}41d7`,
      name: 'debian:12',
      kind: 'rootfs',
      sizeBytes: 151 * 1024 ** 2,
      ownBytes: 151 * 1024 ** 2,
      origin: 'built here from Debian packages',
      config: { ...config, cmd: ['/bin/bash'] },
      usedBy: ['web-gateway', 'build-agent', 'media', 'pbx', 'mail-archive'],
    },
    {
      ...base,
      id: `sha256:11aa${'0'.repeat(56)}0b07`,
      name: 'busybox:latest',
      kind: 'rootfs',
      sizeBytes: 2 * 1024 ** 2,
      ownBytes: 2 * 1024 ** 2,
      origin: 'built here from busybox-static',
      config,
      usedBy: ['grafana', 'untrusted-pdf'],
      createdAt: now - DAY,
    },
    {
      ...base,
      id: `sha256:61d2${'0'.repeat(56)}9be0`,
      name: 'shop:1.4',
      kind: 'rootfs',
      sizeBytes: 239 * 1024 ** 2,
      ownBytes: 239 * 1024 ** 2,
      origin: 'imported from shop.tar',
      config: { ...config, entrypoint: ['node'], cmd: ['server.js'], exposedPorts: [80, 3000] },
      usedBy: [],
      createdAt: now - 3 * DAY,
    },
    {
      ...base,
      id: `sha256:77de${'0'.repeat(56)}00f1`,
      name: 'fedora:42',
      kind: 'disk',
      sizeBytes: 2100 * 1024 ** 2,
      ownBytes: 2100 * 1024 ** 2,
      origin: 'imported from fedora-42.qcow2',
      config: null,
      virtualBytes: 20 * 1024 ** 3,
      usedBy: ['fedora-42'],
      createdAt: now - 5 * DAY,
    },
    {
      ...base,
      id: `sha256:9c01${'0'.repeat(56)}5e55`,
      name: 'mini:iso',
      kind: 'iso',
      sizeBytes: 64 * 1024 ** 2,
      ownBytes: 64 * 1024 ** 2,
      origin: 'imported from mini.iso',
      config: null,
      usedBy: [],
      createdAt: now - 6 * DAY,
    },
  ];
}

/** What an engine before this one wrote down of each guest. */
export const fakeEvents = (guests: Iterable<Guest>, only?: string): EngineEvent[] =>
  [...guests]
    .filter(({ id }) => only === undefined || id === only)
    .flatMap(({ id, name, image, createdAt, startedAt, exit }): EngineEvent[] => {
      const event = (action: string, at: number | null, attributes: Record<string, string> = {}): EngineEvent[] =>
        at === null ? [] : [{ at, type: 'guest', action, id, name, attributes }];
      return [
        ...event('create', createdAt, image === null ? {} : { image }),
        ...event('start', startedAt),
        ...event('die', exit?.at ?? null, { exitCode: String(exit?.code ?? '') }),
      ];
    })
    .sort((a, b) => a.at - b.at);
