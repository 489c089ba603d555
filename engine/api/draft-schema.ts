/** The shape of a guest's draft and of a change to a guest. Shapes only; `guests/validate.ts` says what is possible. */
import { z } from 'zod';
import { KEYBOARD_LAYOUTS } from '../contract/keyboard.ts';
import * as hardware from '../contract/machine.ts';

/** Longer texts are an attack or a mistake. */
export const text = z.string().max(4096);
export const ref = z.string().min(1).max(300);

const MAX_LIST = 256;
const word = z.string().max(131_072);
const words = z.array(word).max(4096);
const limit = z.number().nullable();
const orAuto = <const T extends readonly string[]>(values: T) => z.enum(['auto', ...values]);
const io = z.strictObject({
  readBytesPerSecond: limit,
  writeBytesPerSecond: limit,
  readOpsPerSecond: limit,
  writeOpsPerSecond: limit,
});
const cache = z.enum(['writeback', 'none', 'writethrough', 'unsafe']);
export const labels = z.record(text, text);

/** Everything that may be said at creation and changed later. */
const changeable = {
  cpus: z.number(),
  memoryMib: z.number(),
  diskGib: z.number().nullable(),
  ports: z
    .array(
      z.strictObject({
        hostIp: text,
        hostPort: z.number(),
        guestPort: z.number(),
        protocol: z.enum(['tcp', 'udp']),
      }),
    )
    .max(MAX_LIST),
  mounts: z
    .array(z.strictObject({ source: text, target: text, readOnly: z.boolean(), owned: z.boolean().optional() }))
    .max(MAX_LIST),
  env: z.record(text, word),
  command: words.nullable(),
  iso: text.nullable(),
  diskOptions: z.strictObject({ cache, discard: z.boolean() }),
  disks: z
    .array(
      z.strictObject({
        name: text,
        from: text.nullable(),
        format: z.enum(['qcow2', 'raw']),
        sizeGib: z.number().nullable(),
        readOnly: z.boolean(),
        attached: z.boolean(),
        cache,
        discard: z.boolean(),
        io: io.nullable(),
      }),
    )
    .max(MAX_LIST),
  network: text,
  moreNetworks: z.array(text).max(MAX_LIST),
  aliases: z.array(text).max(MAX_LIST),
  macAddress: text.nullable(),
  entrypoint: words.nullable(),
  user: text.nullable(),
  workingDir: text.nullable(),
  hostname: text.nullable(),
  tty: z.boolean(),
  inputOnce: z.boolean(),
  init: z.boolean(),
  readOnlyRoot: z.boolean(),
  tmpfs: z.array(z.strictObject({ target: text, sizeMib: z.number().nullable() })).max(MAX_LIST),
  devices: z.array(z.strictObject({ source: text, target: text, access: text })).max(MAX_LIST),
  capabilities: z.strictObject({ add: z.array(text).max(MAX_LIST), drop: z.array(text).max(MAX_LIST) }),
  seccomp: text,
  noNewPrivileges: z.boolean(),
  ulimits: z.array(z.strictObject({ name: text, soft: z.number(), hard: z.number() })).max(MAX_LIST),
  pidsLimit: z.number(),
  io,
  health: z
    .strictObject({
      command: words,
      intervalMs: z.number(),
      timeoutMs: z.number(),
      startPeriodMs: z.number(),
      retries: z.number(),
    })
    .nullable(),
  restart: z.strictObject({
    when: z.enum(['no', 'on-failure', 'always', 'unless-stopped']),
    maxRetries: z.number().nullable(),
  }),
  stopSignal: text.nullable(),
  stopGraceMs: z.number(),
  labels,
  disposable: z.boolean(),
  firstLogin: z
    .strictObject({
      user: text.nullable(),
      password: text,
      passwordHash: text.nullable(),
      sshKeys: z.array(z.string().max(20_000)).max(MAX_LIST),
      growDisk: z.boolean(),
      userData: z.string().max(1_000_000).nullable(),
    })
    .partial()
    .nullable(),
  hostDevices: z.array(z.strictObject({ bus: z.enum(['pci', 'usb']), device: text })).max(MAX_LIST),
  machine: z.strictObject({
    system: orAuto(hardware.GUEST_SYSTEMS),
    architecture: orAuto(hardware.ARCHITECTURES),
    firmware: orAuto(hardware.FIRMWARES),
    tpm: z.boolean(),
    diskBus: orAuto(hardware.DISK_BUSES),
    nic: orAuto(hardware.NIC_MODELS),
    video: orAuto(hardware.VIDEO_MODELS),
    sound: orAuto(hardware.SOUND_MODELS),
    clipboard: z.boolean().optional(),
    sharedMemory: z.boolean().optional(),
    cdFirst: z.boolean().optional(),
    keyboard: z.enum(KEYBOARD_LAYOUTS).optional(),
    cpuModel: text.nullable(),
    extraArgs: words,
  }),
};

export const draft = z
  .strictObject(changeable)
  .partial()
  .extend({
    name: text,
    isolation: z.enum(['container', 'microvm', 'vm']),
    image: ref.nullable().optional(),
  });

export const change = z.strictObject(changeable).partial();
