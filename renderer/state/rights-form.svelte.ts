/** What a container may, how much of it, and by what further names it is found, as it stands in a form. */
import type { GuestChange, GuestSpec } from '../../engine/contract/index.ts';
import { deviceLine, deviceOf, ulimitLine, ulimitOf, wordsOf } from './spec-lines.ts';

const MIB = 1024 * 1024;
/** What the engine takes when nothing is said. */
const PIDS_LIMIT = 4096;

export class RightsForm {
  /** Names between blanks or commas. */
  moreNetworks = $state('');
  aliases = $state('');
  /** Empty: one of its own. */
  macAddress = $state('');
  tty = $state(true);
  noNewPrivileges = $state(false);
  disposable = $state(false);
  /** Empty: the default profile; `unconfined`, or the path of one. */
  seccomp = $state('');
  stopSignal = $state('');
  /** `/dev/fuse`, `/dev/a:/dev/b:rw`. */
  devices = $state<string[]>([]);
  /** `nofile=1024:4096`. */
  ulimits = $state<string[]>([]);
  pidsLimit = $state<number | null>(PIDS_LIMIT);
  /** MiB a second; null: no limit. */
  readMibS = $state<number | null>(null);
  writeMibS = $state<number | null>(null);
  /** Operations a second. */
  readOps = $state<number | null>(null);
  writeOps = $state<number | null>(null);

  clear(): void {
    this.moreNetworks = this.aliases = this.macAddress = this.seccomp = this.stopSignal = '';
    this.tty = true;
    this.noNewPrivileges = this.disposable = false;
    this.devices = [];
    this.ulimits = [];
    this.pidsLimit = PIDS_LIMIT;
    this.readMibS = this.writeMibS = this.readOps = this.writeOps = null;
  }

  fill(spec: GuestSpec): void {
    this.moreNetworks = spec.moreNetworks.join(' ');
    this.aliases = spec.aliases.join(' ');
    this.macAddress = spec.macAddress ?? '';
    this.tty = spec.tty;
    this.noNewPrivileges = spec.noNewPrivileges;
    this.disposable = spec.disposable;
    this.seccomp = spec.seccomp === 'default' ? '' : spec.seccomp;
    this.stopSignal = spec.stopSignal ?? '';
    this.devices = spec.devices.map(deviceLine);
    this.ulimits = spec.ulimits.map(ulimitLine);
    this.pidsLimit = spec.pidsLimit;
    const { readBytesPerSecond, writeBytesPerSecond, readOpsPerSecond, writeOpsPerSecond } = spec.io;
    this.readMibS = readBytesPerSecond === null ? null : readBytesPerSecond / MIB;
    this.writeMibS = writeBytesPerSecond === null ? null : writeBytesPerSecond / MIB;
    this.readOps = readOpsPerSecond;
    this.writeOps = writeOpsPerSecond;
  }

  /** `named`: it is on a network on which others find it. */
  options(named: boolean): GuestChange {
    const rate = (mibS: number | null) => (mibS === null ? null : Math.round(mibS * MIB));
    return {
      moreNetworks: named ? wordsOf(this.moreNetworks) : [],
      aliases: named ? wordsOf(this.aliases) : [],
      macAddress: (named && this.macAddress.trim()) || null,
      tty: this.tty,
      noNewPrivileges: this.noNewPrivileges,
      disposable: this.disposable,
      seccomp: this.seccomp.trim() || 'default',
      stopSignal: this.stopSignal.trim().toUpperCase() || null,
      devices: this.devices.filter((line) => line.trim()).map(deviceOf),
      ulimits: this.ulimits.filter((line) => line.trim()).map(ulimitOf),
      pidsLimit: this.pidsLimit ?? PIDS_LIMIT,
      io: {
        readBytesPerSecond: rate(this.readMibS),
        writeBytesPerSecond: rate(this.writeMibS),
        readOpsPerSecond: this.readOps,
        writeOpsPerSecond: this.writeOps,
      },
    };
  }
}
