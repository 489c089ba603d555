/**
 * A guest's wishes as they stand in a form: text where people type, lists of lines where there are many. New guest and
 * the settings of a guest share it. What is not touched comes out as it went in.
 */
import {
  AUTO_MACHINE,
  DEFAULT_LAYOUT,
  type GuestChange,
  type GuestSpec,
  type HealthCheck,
  type HostDeviceRef,
  type KeyboardLayout,
  type MachineSpec,
  type Mount,
  type RestartPolicy,
} from '../../engine/contract/index.ts';
import { RightsForm } from './rights-form.svelte.ts';
import { capabilitiesOf, linesOf, recordOf, tmpfsLine, tmpfsOf } from './spec-lines.ts';
import { quoteWord, splitWords } from './words-of-line.ts';

export interface FormPort {
  hostIp: string;
  /** null: the field is empty. 0 lets the engine choose. */
  hostPort: number | null;
  guestPort: number | null;
  protocol: 'tcp' | 'udp';
}
export type FormMount = { -readonly [K in keyof Mount]: Mount[K] };

/** As Docker's. */
const HEALTH_DEFAULTS = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 };
const SHELL = ['/bin/sh', '-c'];

export class SpecForm {
  /** What fewer people ask for. */
  readonly rights = new RightsForm();
  network = $state('nat');
  ports = $state<FormPort[]>([]);
  mounts = $state<FormMount[]>([]);
  /** `KEY=value`. */
  env = $state<string[]>([]);
  labels = $state<string[]>([]);
  /** `/run` or `/run:size=64m`. */
  tmpfs = $state<string[]>([]);
  command = $state('');
  entrypoint = $state('');
  user = $state('');
  workingDir = $state('');
  hostname = $state('');
  readOnlyRoot = $state(false);
  init = $state(false);
  /** Names between blanks or commas. */
  capAdd = $state('');
  capDrop = $state('');
  restart = $state<RestartPolicy['when']>('no');
  /** null: without end. */
  maxRetries = $state<number | null>(null);
  health = $state<'image' | 'own' | 'off'>('image');
  /** One line for a shell. */
  healthCommand = $state('');
  healthIntervalS = $state<number | null>(30);
  healthTimeoutS = $state<number | null>(30);
  healthStartS = $state<number | null>(0);
  healthRetries = $state<number | null>(3);
  stopGraceS = $state<number | null>(10);
  machine = $state<{ -readonly [K in keyof MachineSpec]: MachineSpec[K] }>({ ...AUTO_MACHINE });
  hostDevices = $state.raw<readonly HostDeviceRef[]>([]);
  keyboard = $state<KeyboardLayout>(DEFAULT_LAYOUT);
  cpuModel = $state('');
  /** Words as a shell would read them. */
  extraArgs = $state('');
  /** What it was filled with: a command in words of its own stays word for word until somebody changes it. */
  #before: GuestSpec | null = null;

  /** As nobody touched it. */
  clear(): void {
    this.#before = null;
    this.network = 'nat';
    this.ports = [];
    this.mounts = [];
    this.env = [];
    this.labels = [];
    this.tmpfs = [];
    this.command = this.entrypoint = this.user = this.workingDir = this.hostname = this.capAdd = this.capDrop = '';
    this.readOnlyRoot = this.init = false;
    this.restart = 'no';
    this.maxRetries = null;
    this.#fillHealth(null);
    this.stopGraceS = 10;
    this.rights.clear();
    this.#fillMachine(AUTO_MACHINE);
    this.hostDevices = [];
  }

  fill(spec: GuestSpec): void {
    this.#before = spec;
    this.network = spec.network;
    this.ports = spec.ports.map((port) => ({ ...port }));
    this.mounts = spec.mounts.map((mount) => ({ ...mount }));
    this.env = linesOf(spec.env);
    this.labels = linesOf(spec.labels);
    this.tmpfs = spec.tmpfs.map(tmpfsLine);
    this.command = (spec.command ?? []).map(quoteWord).join(' ');
    this.entrypoint = (spec.entrypoint ?? []).map(quoteWord).join(' ');
    this.user = spec.user ?? '';
    this.workingDir = spec.workingDir ?? '';
    this.hostname = spec.hostname ?? '';
    this.readOnlyRoot = spec.readOnlyRoot;
    this.init = spec.init;
    this.capAdd = spec.capabilities.add.join(' ');
    this.capDrop = spec.capabilities.drop.join(' ');
    this.restart = spec.restart.when;
    this.maxRetries = spec.restart.maxRetries;
    this.#fillHealth(spec.health);
    this.stopGraceS = spec.stopGraceMs / 1000;
    this.rights.fill(spec);
    this.#fillMachine(spec.machine);
    this.hostDevices = spec.hostDevices;
  }

  /** Everything the form holds, as the contract names it. */
  options(): GuestChange {
    const before = this.#before;
    const { clipboard, sharedMemory, cdFirst, keyboard: _, ...machine } = $state.snapshot(this.machine);
    const words = (line: string) => (line.trim() ? splitWords(line) : null);
    return {
      ...this.rights.options(this.network !== 'none' && this.network !== 'host'),
      network: this.network,
      ports: this.network === 'none' || this.network === 'host' ? [] : this.ports.flatMap(portOf),
      mounts: this.mounts.filter(({ source, target }) => source || target).map((mount) => ({ ...mount })),
      env: recordOf(this.env),
      labels: recordOf(this.labels),
      tmpfs: this.tmpfs.filter((line) => line.trim()).map(tmpfsOf),
      command: words(this.command),
      entrypoint: !this.entrypoint.trim() && before?.entrypoint?.length === 0 ? [] : words(this.entrypoint),
      user: this.user.trim() || null,
      workingDir: this.workingDir.trim() || null,
      hostname: this.hostname.trim() || null,
      readOnlyRoot: this.readOnlyRoot,
      init: this.init,
      capabilities: { add: capabilitiesOf(this.capAdd), drop: capabilitiesOf(this.capDrop) },
      restart: { when: this.restart, maxRetries: this.restart === 'on-failure' ? this.maxRetries : null },
      health: this.#healthCheck(),
      stopGraceMs: Math.round((this.stopGraceS ?? 0) * 1000),
      hostDevices: this.hostDevices,
      machine: {
        ...machine,
        ...(clipboard ? { clipboard } : {}),
        ...(sharedMemory ? { sharedMemory } : {}),
        ...(cdFirst ? { cdFirst } : {}),
        ...(this.keyboard === DEFAULT_LAYOUT ? {} : { keyboard: this.keyboard }),
        cpuModel: this.cpuModel.trim() || null,
        extraArgs: words(this.extraArgs) ?? [],
      },
    };
  }

  /** Only what differs from a form nobody touched. */
  chosen(): GuestChange {
    return difference(new SpecForm().options(), this.options());
  }

  #fillMachine(machine: MachineSpec): void {
    this.machine = { ...machine };
    this.keyboard = machine.keyboard ?? DEFAULT_LAYOUT;
    this.cpuModel = machine.cpuModel ?? '';
    this.extraArgs = machine.extraArgs.map(quoteWord).join(' ');
  }

  #fillHealth(health: HealthCheck | null): void {
    this.health = health === null ? 'image' : health.command.length === 0 ? 'off' : 'own';
    this.healthCommand = lineOf(health?.command ?? []);
    const { intervalMs, timeoutMs, startPeriodMs, retries } = health ?? HEALTH_DEFAULTS;
    this.healthIntervalS = intervalMs / 1000;
    this.healthTimeoutS = timeoutMs / 1000;
    this.healthStartS = startPeriodMs / 1000;
    this.healthRetries = retries;
  }

  #healthCheck(): HealthCheck | null {
    if (this.health === 'image') return null;
    if (this.health === 'off') return { command: [], ...HEALTH_DEFAULTS };
    const before = this.#before?.health?.command;
    const same = before !== undefined && lineOf(before) === this.healthCommand;
    return {
      command: same ? before : [...SHELL, this.healthCommand],
      intervalMs: Math.round((this.healthIntervalS ?? 0) * 1000),
      timeoutMs: Math.round((this.healthTimeoutS ?? 0) * 1000),
      startPeriodMs: Math.round((this.healthStartS ?? 0) * 1000),
      retries: this.healthRetries ?? 0,
    };
  }
}

const lineOf = (command: readonly string[]): string =>
  command.length === 3 && command[0] === SHELL[0] && command[1] === SHELL[1]
    ? (command[2] as string)
    : command.map(quoteWord).join(' ');

const portOf = (port: FormPort) =>
  port.guestPort === null
    ? []
    : [
        {
          hostIp: port.hostIp || '127.0.0.1',
          hostPort: port.hostPort ?? 0,
          guestPort: port.guestPort,
          protocol: port.protocol,
        },
      ];

/** The fields of `after` that are not as in `before`. */
export function difference(before: GuestChange, after: GuestChange): GuestChange {
  const then = before as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(after).filter(([key, value]) => stable(then[key]) !== stable(value)),
  ) as GuestChange;
}

/** The same text for the same value, in whatever order its keys were written. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? 'null';
