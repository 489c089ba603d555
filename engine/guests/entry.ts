/** One guest in memory: its manifest, what its driver says of it, and how it is shown. */
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest, GuestState, HealthState } from '../contract/guest.ts';
import type { Rescue } from '../contract/rescue.ts';
import type { Driver, Running } from '../drivers/driver.ts';
import { memberOf } from '../networks/members.ts';
import type { Manifest } from './manifest.ts';

export interface Entry {
  manifest: Manifest;
  readonly driver: Driver;
  state: GuestState;
  /** Set while it runs. */
  running: Running | null;
  /** The verb that holds the guest; others are refused until it ends. `done` resolves, however it ended. */
  holder: { readonly verb: string; readonly byPolicy: boolean; readonly done: Promise<void> } | null;
  /** What the last run left is still being cleaned up; the next verb waits for it. */
  cleanup: Promise<unknown> | null;
  /** What the driver noticed while nobody asked. */
  notes: string[];
  /** It ended and its restart policy will start it anew. */
  retry: { readonly timer: NodeJS.Timeout | null; readonly note: string } | null;
  /** Set while it runs and is checked. */
  health: HealthState | null;
}

export function newEntry(manifest: Manifest, driver: Driver, state: GuestState): Entry {
  return { manifest, driver, state, running: null, holder: null, cleanup: null, notes: [], retry: null, health: null };
}

/** As much of an entry as is shown. */
type Shown = Omit<Entry, 'driver'> & { readonly driver: Pick<Driver, 'rescue'> };

/** Its disks are open without it; null: they are not. */
export function openedDisks({ driver, manifest }: Shown): Rescue | null {
  return driver.rescue?.now(manifest.id) ?? null;
}

/** The guest as every window sees it. */
export function shown(entry: Shown): Guest {
  const { manifest, running } = entry;
  const rescue = running ? null : openedDisks(entry);
  const member = memberOf(manifest);
  return {
    id: manifest.id,
    name: manifest.spec.name,
    isolation: manifest.spec.isolation,
    state: entry.state,
    image: manifest.imageName,
    spec: manifest.spec,
    address: manifest.address,
    addresses: member?.places ?? [],
    ...(member ? { mac: member.mac } : {}),
    ports: manifest.ports,
    ...(manifest.suspended && !running ? { suspendedAt: manifest.suspended.at } : {}),
    createdAt: manifest.createdAt,
    startedAt: running?.startedAt ?? null,
    exit: running ? null : manifest.exit,
    health: entry.health,
    restarts: manifest.restarts,
    failure: entry.state === 'failed' ? manifest.failure : null,
    notes: [
      ...(running?.notes ?? []),
      ...(running?.standsFor ? [running.standsFor] : []),
      ...entry.notes,
      ...(entry.retry ? [entry.retry.note] : []),
    ],
    accelerator: running?.accelerator ?? null,
    ...(running?.machine ? { machine: running.machine } : {}),
    ...(rescue ? { rescue } : {}),
    consoles: running?.consoles ?? ['log'],
  };
}

/** What others have to keep clear of. */
export type Neighbour = Pick<Guest, 'name' | 'ports' | 'spec'> & Pick<Manifest, 'mac'>;

/** Of a thousand guests this is made in no time, `shown` is not. */
export function neighbour({ manifest: { spec, ports, mac } }: Pick<Entry, 'manifest'>): Neighbour {
  return { name: spec.name, ports, spec, mac };
}

/** Throws `wrong-state` while its disks are open: two systems on one disk destroy it. */
export function assertClosed(entry: Entry): void {
  if (openedDisks(entry) === null) return;
  const { name } = entry.manifest.spec;
  throw new GuesthouseError({
    code: 'wrong-state',
    message: `The disks of ${name} are open in a rescue.`,
    subject: name,
    hint: `Close them first: \`guesthouse rescue close ${name}\`.`,
  });
}

/** Nobody has this id or name. */
export function unknownGuest(ref: string): GuesthouseError {
  const short = ref.slice(0, 80);
  return new GuesthouseError({
    code: 'not-found',
    message: `There is no guest named ${JSON.stringify(short)}.`,
    subject: short,
    hint: 'See `guesthouse ls` for the guests there are.',
  });
}
