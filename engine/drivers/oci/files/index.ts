/** Files of a container, as its driver offers them. */
import { GuesthouseError } from '../../../contract/errors.ts';
import { makeFolder, removeFile, renameFile } from '../../../guest-files/change.ts';
import { copyIn } from '../../../guest-files/copy-in.ts';
import { copyOut } from '../../../guest-files/copy-out.ts';
import { fileFailure } from '../../../guest-files/failure.ts';
import { listFolder } from '../../../guest-files/list.ts';
import { guestPath, isBelow, realPath } from '../../../guest-files/paths.ts';
import type { DriverContext, GuestRecord } from '../../driver.ts';
import type { GuestFiles } from '../../reach.ts';
import { resolveIdentity } from '../identity.ts';
import type { Identity } from '../process-spec.ts';
import { gone, type Visit, type Visits } from './visits.ts';

export function filesOf(context: DriverContext, visits: Visits, guest: GuestRecord): GuestFiles {
  const explained = (visit: Visit, error: unknown, path: string) =>
    visit.signal.aborted ? gone(guest) : fileFailure(error, path);

  async function visiting<T>(path: string, act: (visit: Visit) => Promise<T>): Promise<T> {
    const visit = await visits.enter(guest);
    try {
      await assertSeen(visit, guest, path);
      return await act(visit);
    } catch (error) {
      throw explained(visit, error, path);
    } finally {
      visit.leave();
    }
  }

  return {
    list: (path) => visiting(path, async ({ root }) => listFolder(root, await realPath(root, guestPath(path)))),
    makeFolder: (path) => visiting(path, ({ root }) => makeFolder(root, path)),
    rename: (path, to) =>
      visiting(path, async (visit) => {
        await assertSeen(visit, guest, to);
        await renameFile(visit.root, path, to);
      }),
    remove: (path) => visiting(path, ({ root }) => removeFile(root, path)),

    async copyOut(path, { raw, signal }) {
      const visit = await visits.enter(guest);
      try {
        await assertSeen(visit, guest, path);
        const both = AbortSignal.any([signal, visit.signal]);
        const { kind, sizeBytes, bytes } = await copyOut(visit.root, path, { raw, signal: both });
        return { kind, sizeBytes, bytes: whileVisiting(visit, bytes, both, (error) => explained(visit, error, path)) };
      } catch (error) {
        visit.leave();
        throw explained(visit, error, path);
      }
    },

    async copyIn(path, { raw, signal, source }) {
      const visit = await visits.enter(guest);
      try {
        await assertSeen(visit, guest, path);
        const owner = await ownerOf(context, guest, visit);
        const both = AbortSignal.any([signal, visit.signal]);
        const { done } = await copyIn(visit.root, path, { raw, source, owner, signal: both });
        const told = done.then(
          (result) => {
            visit.leave();
            return result;
          },
          (error) => {
            visit.leave();
            throw explained(visit, error, path);
          },
        );
        told.catch(() => {});
        return { done: told };
      } catch (error) {
        visit.leave();
        throw explained(visit, error, path);
      }
    },
  };
}

async function ownerOf({ house, images }: DriverContext, guest: GuestRecord, visit: Visit): Promise<Identity | null> {
  if ((await house.privilege()) === 'plain') return null;
  const { config } = await images.rootfs(guest.imageId ?? '');
  return resolveIdentity(`/proc/self/fd/${visit.root.fd}`, guest.spec.user ?? config.user);
}

/** Leaves with the last byte, with whoever stops reading, and also when nobody ever begins to. */
function whileVisiting(
  visit: Visit,
  bytes: AsyncGenerator<Uint8Array>,
  signal: AbortSignal,
  explain: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  let begun = false;
  const away = () => {
    if (!begun) visit.leave();
  };
  signal.addEventListener('abort', away, { once: true });
  const leave = () => {
    signal.removeEventListener('abort', away);
    visit.leave();
  };
  const step = async (ask: () => Promise<IteratorResult<Uint8Array>>) => {
    begun = true;
    try {
      const result = await ask();
      if (result.done) leave();
      return result;
    } catch (error) {
      leave();
      throw explain(error);
    }
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => step(() => bytes.next()),
    return: (value) => step(() => bytes.return(value)),
    throw: (error) => step(() => bytes.throw(error)),
    async [Symbol.asyncDispose]() {
      await this.return(undefined);
    },
  };
}

/**
 * While it is stopped a guest's volumes and folders of the host are not there. What would be written at their place
 * would be hidden at its next start, and what is read is not what it sees.
 */
async function assertSeen(visit: Visit, guest: GuestRecord, path: string): Promise<void> {
  if (visit.running) return;
  const targets = [...guest.spec.mounts, ...guest.spec.tmpfs].map(({ target }) => target);
  if (targets.length === 0) return;
  const real = await realPath(visit.root, guestPath(path)).catch(() => guestPath(path));
  const target = targets.find((one) => isBelow(real, one));
  if (target === undefined) return;
  throw new GuesthouseError({
    code: 'wrong-state',
    message: `${target} of ${guest.spec.name} is a volume or a folder of the host, and is seen there only while it runs.`,
    subject: guest.spec.name,
    hint: 'Start it first.',
  });
}
