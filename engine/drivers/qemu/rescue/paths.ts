/** Where a rescue is while it is open. Everything of it ends with it; the guest's own run folder is not touched. */
import { join } from 'node:path';
import { guestFolder, guestRunFolder, type Paths } from '../../../host/paths.ts';

/** Further than this a path of ours in QEMU's folder does not go: `<run>.r/qemu/work0.sock`. */
export interface RescuePaths {
  /** Ours alone. */
  readonly run: string;
  readonly qemuLog: string;
  /** QEMU's working folder, and the sockets it makes there. */
  readonly room: string;
  /** Where what a reading rescue writes goes, by the disk's number; open without a name in the file system. */
  overlay(index: number): string;
}

export const SHELL_SOCKET = 'shell.sock';
export const QMP_SOCKET = 'qmp.sock';
export const workSocket = (number: number) => `work${number}.sock`;

export function rescuePaths(paths: Paths, guestId: string): RescuePaths {
  const run = `${guestRunFolder(paths, guestId)}.r`;
  return {
    run,
    qemuLog: join(run, 'qemu.log'),
    room: join(run, 'qemu'),
    // The run folder may be in memory; this may become as large as a journal.
    overlay: (index) => join(guestFolder(paths, guestId), `rescue-${index}.qcow2`),
  };
}
