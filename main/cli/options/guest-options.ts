/** The options that say how a guest shall be, spelled as users of Docker and Podman expect: for create, run and update. */
import type { ParseArgsOptionsConfig } from 'node:util';

const text = { type: 'string' } as const;
const many = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

export const GUEST_OPTIONS = {
  cpus: text,
  memory: { ...text, short: 'm' },
  disk: many,
  publish: { ...many, short: 'p' },
  volume: { ...many, short: 'v' },
  tmpfs: many,
  device: many,
  env: { ...many, short: 'e' },
  'env-file': many,
  label: { ...many, short: 'l' },
  iso: text,
  network: many,
  'network-alias': many,
  'mac-address': text,
  entrypoint: text,
  user: { ...text, short: 'u' },
  workdir: { ...text, short: 'w' },
  hostname: { ...text, short: 'h' },
  tty: { ...flag, short: 't' },
  'no-tty': flag,
  init: flag,
  'read-only': flag,
  'cap-add': many,
  'cap-drop': many,
  'security-opt': many,
  ulimit: many,
  'pids-limit': text,
  'device-read-bps': text,
  'device-write-bps': text,
  'device-read-iops': text,
  'device-write-iops': text,
  'health-cmd': text,
  'health-interval': text,
  'health-timeout': text,
  'health-start-period': text,
  'health-retries': text,
  'no-healthcheck': flag,
  restart: text,
  'stop-signal': text,
  'stop-timeout': text,
  rm: flag,
  login: text,
  'login-password-file': text,
  'ssh-key': many,
  'user-data': text,
  'no-grow-disk': flag,
  'no-login': flag,
  firmware: text,
  tpm: flag,
  'no-tpm': flag,
  system: text,
  arch: text,
  'disk-bus': text,
  nic: text,
  video: text,
  sound: text,
  keyboard: text,
  'cpu-model': text,
  'qemu-arg': many,
  clipboard: flag,
  'no-clipboard': flag,
  'shared-memory': flag,
  'no-shared-memory': flag,
  'cd-first': flag,
  'no-cd-first': flag,
  usb: many,
  pci: many,
} as const satisfies ParseArgsOptionsConfig;

type Value<K extends keyof typeof GUEST_OPTIONS> = (typeof GUEST_OPTIONS)[K] extends { multiple: true }
  ? string[]
  : (typeof GUEST_OPTIONS)[K]['type'] extends 'boolean'
    ? boolean
    : string;

/** What `parse` answers for them. */
export type GuestValues = { readonly [K in keyof typeof GUEST_OPTIONS]?: Value<K> | undefined };

/** For `help create`, `help run` and `help update`: one line per kind of wish. */
export const GUEST_OPTIONS_HELP = `Options:
  Resources   --cpus N  -m, --memory 512m  --disk GIB|/dev/DISK|NAME=GIB (see below)  --pids-limit N  --ulimit NAME=SOFT[:HARD]
              --device-read-bps RATE  --device-write-bps RATE  --device-read-iops N  --device-write-iops N
  Program     --entrypoint PROGRAM  -e NAME=VALUE  --env-file FILE  -u, --user U[:G]  -w, --workdir DIR
              -h, --hostname NAME  -t, --tty  --no-tty  --init  --stop-signal SIG  --stop-timeout SECONDS
  Network     --network NAME (again for more)  --network-alias NAME  -p [[IP:]HOST:]GUEST[/udp]
              --mac-address ADDRESS|auto
  Files       -v NAME|DIR:PATH[:ro][,U]  --tmpfs PATH[:size=64m]  --read-only  --device PATH[:PATH][:rwm]  --iso FILE
  Rights      --cap-add CAP  --cap-drop CAP  --security-opt seccomp=FILE|unconfined  --security-opt no-new-privileges
  Machine     --firmware bios|uefi|uefi-secure  --tpm  --no-tpm  --arch x86_64|aarch64|riscv64
              --system linux|windows|freebsd|openbsd|netbsd|other  --disk-bus BUS  --nic MODEL  --video MODEL
              --sound none|hda|ac97  --keyboard us|gb|de|ch|fr|... (for sendkey and pasting)  --cpu-model MODEL  --qemu-arg WORD (again for more)
              --usb VENDOR:PRODUCT|BUS.DEVICE  --pci 0000:01:00.0 (see: guesthouse devices)
              --clipboard  --no-clipboard (with the SPICE agent in it)
              --cd-first  --no-cd-first (started from the CD before the disk)
              --shared-memory  --no-shared-memory (folders come as it runs, also where it starts without one)
  Life        --restart no|on-failure[:N]|always|unless-stopped  --rm  -l, --label NAME=VALUE
              --health-cmd COMMAND  --health-interval 30s  --health-timeout 30s  --health-start-period 0s
              --health-retries 3  --no-healthcheck
  First login --login USER  --ssh-key FILE|KEY  --login-password-file FILE|-  --ask-password  --no-grow-disk
              --user-data FILE  --no-login (machines whose system reads a cloud-init seed)
Disks of a machine: --disk 20 is its own, in GiB; --disk /dev/sdb starts from that disk of this host instead (0: from its
medium alone); --disk NAME=GIB|IMAGE|/dev/…[,ro][,size=GIB][,raw][,cache=MODE][,no-discard] is a further one, and may be
given again.
Memory without a unit counts in MiB; durations are written 500ms, 30s, 1m30s.`;
