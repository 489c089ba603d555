/** The rescues of a driver's guests: opening, using and closing them. See decisions/0023-rescue.md. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { GuesthouseError, toErrorShape } from '../../../contract/errors.ts';
import { ended } from '../../../host/process-ref.ts';
import type { MachineImage } from '../../../images/store.ts';
import type { ConsoleEndpoint, DriverContext, GuestRecord, GuestRescue, OperationContext } from '../../driver.ts';
import type { GuestFiles } from '../../reach.ts';
import { addKey, listUsers, setPassword } from './accounts.ts';
import { rescueFiles } from './files.ts';
import { lastLog, listLogs } from './logs.ts';
import { startRescueMachine, sweepRescue } from './machine.ts';
import { type OpenedRescue, openRescue } from './opened.ts';
import { rescuePaths } from './paths.ts';
import { shellEndpoint } from './shell.ts';

/** The machine is looked at this often for whether it still is (ms). */
const WATCH_MS = 500;

export interface Rescues extends GuestRescue {
  /** Ends the shell; false: it is not one. */
  endShell(guest: GuestRecord, endpointId: string): boolean;
  /** Files of an opened guest; null: it is not open. */
  files(guest: GuestRecord): GuestFiles | null;
  /** Throws `wrong-state` while the guest's disks are open. */
  requireClosed(guest: GuestRecord): void;
  /** Ends what an engine that was killed left of one. */
  sweep(guestId: string): Promise<void>;
  closeAll(): Promise<void>;
}

export function createRescues(
  context: DriverContext,
  baseOf: (guest: GuestRecord, operation: OperationContext) => Promise<MachineImage['disk'] | null>,
): Rescues {
  const { log, paths } = context;
  const open = new Map<string, OpenedRescue>();
  const shells = new Map<string, ConsoleEndpoint>();

  const opened = (guest: GuestRecord): OpenedRescue => {
    const found = open.get(guest.id);
    if (found) return found;
    throw new GuesthouseError({
      code: 'wrong-state',
      message: `The disks of ${guest.spec.name} are not open.`,
      subject: guest.spec.name,
      hint: `Open them first: \`guesthouse rescue open ${guest.spec.name}\`.`,
    });
  };
  const writable = (guest: GuestRecord): OpenedRescue => {
    const found = opened(guest);
    if (found.shown.write) return found;
    throw new GuesthouseError({
      code: 'wrong-state',
      message: `The disks of ${guest.spec.name} are open for reading only.`,
      subject: guest.spec.name,
      hint: 'Close them, and open them for writing.',
    });
  };
  const close = async (guestId: string) => {
    const found = open.get(guestId);
    if (!found) return;
    open.delete(guestId);
    shells.get(guestId)?.detach();
    shells.delete(guestId);
    await found.close();
  };
  /** It ended without being asked to: QEMU was killed, or what is on the disk made its kernel panic. */
  const watch = (guest: GuestRecord, rescue: OpenedRescue) => {
    void (async () => {
      while (open.get(guest.id) === rescue && !(await ended(rescue.machine.qemu, WATCH_MS)));
      if (open.get(guest.id) !== rescue) return;
      await close(guest.id).catch((error) => log.warn('a rescue was not left', { guest: guest.id, error }));
      context.onNote(guest.id, 'The rescue of its disks ended by itself.');
    })();
  };

  return {
    now: (guestId) => open.get(guestId)?.shown ?? null,

    async open(guest, wish, operation) {
      if (open.has(guest.id)) {
        throw new GuesthouseError({
          code: 'wrong-state',
          message: `The disks of ${guest.spec.name} are open already.`,
          subject: guest.spec.name,
          hint: 'Close them first to open them in another way.',
        });
      }
      const base = await baseOf(guest, operation);
      const machine = await startRescueMachine(context, guest, { write: wish.write, base }, operation);
      const rescue = await openRescue(guest, machine, wish, operation);
      open.set(guest.id, rescue);
      watch(guest, rescue);
      return rescue.shown;
    },

    unlock: (guest, device, passphrase, operation) => opened(guest).unlock(device, passphrase, operation),
    close: (guest) => close(guest.id),

    async shell(guest, { columns, rows }) {
      const rescue = opened(guest);
      shells.get(guest.id)?.detach();
      const id = `${guest.id}:exec-${randomBytes(4).toString('hex')}`;
      const endpoint = shellEndpoint(rescue, { id, guestName: guest.spec.name, columns, rows });
      shells.set(guest.id, endpoint);
      return endpoint;
    },

    endShell(guest, endpointId) {
      const shell = shells.get(guest.id);
      if (shell?.id !== endpointId) return false;
      shell.detach();
      shells.delete(guest.id);
      return true;
    },

    users: (guest) => listUsers(opened(guest).tools()),
    setPassword: (guest, user, hash) => setPassword(writable(guest).tools(), user, hash),
    addKey: (guest, user, key) => addKey(writable(guest).tools(), user, key),
    logs: (guest) => listLogs(opened(guest).tools()),
    log: (guest, name, lines, signal) => lastLog(opened(guest), { name, lines, signal }),

    files(guest) {
      const rescue = open.get(guest.id);
      return rescue ? rescueFiles(guest, rescue) : null;
    },

    requireClosed(guest) {
      if (!open.has(guest.id)) return;
      throw new GuesthouseError({
        code: 'wrong-state',
        message: `The disks of ${guest.spec.name} are open in a rescue.`,
        subject: guest.spec.name,
        hint: 'Close it first: `guesthouse rescue close NAME`.',
      });
    },

    async sweep(guestId) {
      await close(guestId).catch((error) => log.warn('a rescue was not left', { error: toErrorShape(error) }));
      const files = rescuePaths(paths, guestId);
      if (!existsSync(files.run)) return;
      await sweepRescue(files);
      for (let index = 0; existsSync(files.overlay(index)); index++) await rm(files.overlay(index), { force: true });
    },

    async closeAll() {
      await Promise.allSettled([...open.keys()].map(close));
    },
  };
}
