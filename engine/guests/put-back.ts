/** A guest that comes back from the trash, into a world that went on without it. */
import { type ErrorShape, GuesthouseError } from '../contract/errors.ts';
import type { PortRule } from '../contract/guest.ts';
import { anyFreePort } from '../host/ports.ts';
import { type Entry, neighbour } from './entry.ts';
import { addressesFor, addressesTaken } from './identity.ts';
import { clash, keyOf, placeText } from './port-key.ts';
import type { GuestRooms } from './rooms.ts';

/** One write is the whole act. Throws `conflict` when the name is taken, `invalid` when it cannot be one. */
export async function putBack(rooms: GuestRooms, entry: Entry, wanted?: string): Promise<void> {
  const { context, ledger, claims } = rooms;
  const { manifest } = entry;
  const name = wanted ?? manifest.spec.name;
  const { problems } = await rooms.check({ ...manifest.spec, image: manifest.imageId, name }, entry);
  const problem = problems.find(({ field }) => field === 'name');
  if (problem) throw unnamed(problem.error, manifest.spec.name);
  const { ports, notes } = await freePorts(rooms, manifest.ports);
  const macTaken = problems.find(({ field }) => field === 'macAddress');
  if (macTaken) notes.push(`${macTaken.error.message} It has one of its own by now.`);
  const spec = { ...manifest.spec, name, ports, ...(macTaken ? { macAddress: null } : {}) };
  claims.take(spec, [...ledger.all()].map(neighbour));
  try {
    const taken = addressesTaken([...[...ledger.all()].map((other) => other.manifest), ...claims.addresses()]);
    const kept = (manifest.addresses ?? []).filter(({ v4 }) => v4 === null || !taken.has(v4));
    const addresses = addressesFor(manifest.id, spec, context.networks, taken, kept);
    claims.hold(name, addresses);
    const address = addresses[0]?.v4 ?? null;
    await ledger.write(entry, { trashed: null, spec, ports, address, addresses });
    entry.notes = notes;
    entry.state = manifest.failure ? 'failed' : 'stopped';
  } finally {
    claims.drop(name);
  }
}

async function freePorts({ ledger, claims }: GuestRooms, rules: readonly PortRule[]) {
  const others = [...ledger.all()].map(neighbour);
  const taken = new Map(others.flatMap(({ name, ports }) => ports.map((rule) => [keyOf(rule), name] as const)));
  for (const [key, name] of claims.ports()) taken.set(key, name);
  const used = new Set([...taken.keys()].map((key) => Number(key.split(' ')[1])));
  const notes: string[] = [];
  const ports: PortRule[] = [];
  for (const rule of rules) {
    const by = clash(keyOf(rule), taken);
    if (by === undefined) {
      ports.push(rule);
      continue;
    }
    const hostPort = await anyFreePort(rule.hostIp, used, rule.protocol);
    if (hostPort === null)
      throw new GuesthouseError({ code: 'resources', message: 'No free port was found.', subject: placeText(rule) });
    used.add(hostPort);
    const moved = { ...rule, hostPort };
    ports.push(moved);
    notes.push(`${placeText(rule)} is ${by}'s by now; its port ${rule.guestPort} is at ${placeText(moved)}.`);
  }
  return { ports, notes };
}

function unnamed(error: ErrorShape, name: string): GuesthouseError {
  if (error.code !== 'conflict') return new GuesthouseError(error);
  const hint = `Put it back under another name: \`guesthouse trash restore --name NEW ${name}\`.`;
  return new GuesthouseError({ ...error, hint });
}
