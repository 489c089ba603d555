/** `guesthouse run [options] IMAGE [CMD...]`: makes a guest, starts it, and shows it until it ends. */
import { randomBytes } from 'node:crypto';
import type { GuestDraft } from '../../../engine/contract/api.ts';
import type { Client } from '../../../engine/contract/client.ts';
import { GuesthouseError, toErrorShape } from '../../../engine/contract/errors.ts';
import type { Guest } from '../../../engine/contract/guest.ts';
import { misused, parseLeading } from '../args.ts';
import { type EngineClient, withEngine } from '../engine.ts';
import { givenAway } from '../options/disks.ts';
import { guestChange, isolation } from '../options/guest-change.ts';
import { GUEST_OPTIONS } from '../options/guest-options.ts';
import { friendlyName } from '../options/names.ts';
import { plain, printError } from '../print.ts';
import { withProgress } from '../progress.ts';
import { ensureImage, type PullPolicy, pullPolicy } from '../pull-missing.ts';
import { type ShownStart, startShown } from '../start-shown.ts';
import { tell } from '../told.ts';
import { attach, leaveKeys, signalProxy } from './attach.ts';

/** As docker has them: we failed; the program cannot be executed; there is no such program. */
const FAILED = 125;
const NOT_EXECUTABLE = 126;
const NO_PROGRAM = 127;
/** Not every host can keep to them. */
const LIMITS = [
  'cpus',
  'memory',
  'pids-limit',
  'device-read-bps',
  'device-write-bps',
  'device-read-iops',
  'device-write-iops',
] as const;
/** Two commands at the same moment may choose the same name. */
const NAME_TRIES = 20;

interface Wishes {
  readonly draft: GuestDraft;
  readonly named: boolean;
  readonly image: string;
  readonly pull: PullPolicy;
  readonly insecure: boolean;
  readonly detach: boolean;
  readonly input: boolean;
  readonly signals: boolean;
  readonly leaveKeys: Uint8Array;
  /** What the host could not do as it was asked, or what it means, is told: something of that kind was asked for. */
  readonly notes: boolean;
}

export async function run(args: readonly string[]): Promise<number> {
  try {
    const wishes = understand(args);
    return await withEngine((client) => runGuest(client, wishes), {
      long: !wishes.detach,
      soon: expected(wishes.draft),
    });
  } catch (error) {
    tell(error);
    return toErrorShape(error).code === 'cancelled' ? 130 : FAILED;
  }
}

function understand(args: readonly string[]): Wishes {
  const { values, names, command } = parseLeading(args, {
    ...GUEST_OPTIONS,
    name: { type: 'string' },
    isolation: { type: 'string' },
    interactive: { type: 'boolean', short: 'i' },
    detach: { type: 'boolean', short: 'd' },
    'sig-proxy': { type: 'string' },
    'detach-keys': { type: 'string' },
    pull: { type: 'string' },
    insecure: { type: 'boolean' },
  });
  const [image, extra] = names;
  if (image === undefined || extra !== undefined)
    throw misused('`run` needs one image.', 'Write guesthouse run [options] IMAGE [CMD...].');
  const detach = values.detach ?? false;
  const wishes = guestChange(values);
  const [given] = givenAway(wishes.disks);
  if (given)
    throw misused(`\`run\` gives no disk of this host away (${plain(given)}).`, 'Use `guesthouse create`, which asks.');
  const kind = isolation(values.isolation ?? 'container', 'run');
  return {
    image,
    named: values.name !== undefined,
    draft: {
      name: values.name ?? '',
      isolation: kind,
      image,
      // A machine's console is a terminal always, and stays when it is over. With nobody there from the beginning, -i
      // means that somebody comes later.
      ...(kind === 'container' ? { tty: false, inputOnce: !(detach && values.interactive) } : {}),
      ...wishes,
      command,
    },
    pull: pullPolicy(values.pull),
    insecure: values.insecure ?? false,
    detach,
    input: values.interactive ?? false,
    signals: signalProxy(values['sig-proxy']),
    leaveKeys: leaveKeys(values['detach-keys']),
    notes: LIMITS.some((name) => values[name] !== undefined) || (values.network ?? []).includes('host'),
  };
}

/** What an engine that is opened for this can begin with at once. */
function expected({ isolation: kind, network }: GuestDraft) {
  return kind === 'container' ? { network: network !== 'none' && network !== 'host' } : undefined;
}

async function runGuest(client: EngineClient, wishes: Wishes): Promise<number> {
  const image = await ensureImage(client, wishes.image, wishes);
  const made = await create(client, wishes, image);
  let started: ShownStart;
  try {
    started = await withProgress(client, 'start', made.name, () => startShown(client, made.id));
  } catch (error) {
    // It never ran: nothing of it is worth keeping.
    await client.call('guests.remove', { guest: made.id, force: true }).catch(() => {});
    const shape = toErrorShape(error);
    if (shape.code !== 'not-found' && shape.code !== 'denied') throw error;
    printError(shape);
    return shape.code === 'not-found' ? NO_PROGRAM : NOT_EXECUTABLE;
  }
  if (wishes.notes) for (const note of started.guest.notes) process.stderr.write(`note: ${plain(note)}\n`);
  if (wishes.detach) {
    process.stdout.write(`${made.id}\n`);
    return 0;
  }
  return attach(client, started.guest, { ...wishes, session: started.session });
}

async function create(client: Client, wishes: Wishes, image: string): Promise<Guest> {
  for (let turn = 1; ; turn++) {
    const name = wishes.named ? wishes.draft.name : await freeName(client, image, turn);
    try {
      const draft = { ...wishes.draft, name, image };
      return await withProgress(client, 'create', name, () => client.call('guests.create', { draft }));
    } catch (error) {
      // Told by the check as the field, by whoever came second as the name itself.
      const isName =
        error instanceof GuesthouseError &&
        error.code === 'conflict' &&
        (error.subject === 'name' || error.subject === name);
      if (wishes.named || !isName || turn >= NAME_TRIES) throw error;
    }
  }
}

/** The same image gets the same first name; after a clash with another command, chance decides. */
async function freeName(client: Client, image: string, turn: number): Promise<string> {
  const taken = new Set((await client.call('guests.list', {})).map(({ name }) => name));
  return friendlyName(turn === 1 ? image : randomBytes(8).toString('hex'), (name) => taken.has(name));
}
