/** A new name for a guest, also while it runs: others on its network find it by the new one at once. */
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import { memberOf } from '../networks/members.ts';
import type { GuestsContext } from './context.ts';
import { type Entry, shown } from './entry.ts';
import type { GuestRooms } from './rooms.ts';

/** Throws `invalid` for what cannot be a name, `conflict` for one that is taken. What runs keeps its own host name. */
export async function rename(rooms: GuestRooms, entry: Entry, name: string): Promise<Guest> {
  const { context, ledger, turns, runs, claims } = rooms;
  const { spec, imageId } = entry.manifest;
  if (name === spec.name) return shown(entry);
  const { problems } = await rooms.check({ ...spec, image: imageId, name }, entry);
  const problem = problems.find(({ field }) => field === 'name');
  if (problem) throw new GuesthouseError(problem.error);
  const others = [...ledger.all()].filter((other) => other !== entry).map(shown);
  claims.take({ ...spec, name, ports: [] }, others);
  try {
    const guest = await turns.verb('rename', entry, { cancellable: false }, async (held) => {
      const old = held.manifest;
      await ledger.write(held, { spec: { ...old.spec, name } });
      try {
        await tellNetwork(context, held);
      } catch (error) {
        await ledger.record(held, { spec: old.spec });
        throw error;
      }
    });
    runs.tell(entry, 'rename', { oldName: spec.name });
    return guest;
  } finally {
    claims.drop(name);
  }
}

async function tellNetwork({ house }: GuestsContext, { running, manifest }: Entry): Promise<void> {
  const member = memberOf(manifest);
  if (!running || member === null) return;
  await house.rename(member);
  if (member.ports.length > 0) await house.publish(member);
}
