/** Calls about guests. */
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import { sealed } from '../guests/first-login.ts';
import type { Guests } from '../guests/guests.ts';
import { sendSignal } from '../guests/signal.ts';
import { suspendGuest } from '../guests/snapshots/kept-memory.ts';
import type { CallsOf, Rooms } from './rooms.ts';
import { typeInto } from './screen.ts';

export function guestCalls(rooms: Rooms): CallsOf<'guests'> {
  const { guests } = rooms;
  return {
    'guests.list': async () => guests.list(),
    'guests.inspect': async ({ guest }) => guests.inspect(guest),
    'guests.check': ({ draft }) => guests.check(sealed(draft)),
    'guests.create': ({ draft }) => guests.create(sealed(draft)),
    'guests.start': ({ guest }) => guests.start(guest),
    'guests.stop': ({ guest, graceMs }) => guests.stop(guest, graceMs),
    'guests.kill': ({ guest }) => guests.kill(guest),
    'guests.restart': ({ guest, graceMs }) => guests.restart(guest, graceMs),
    'guests.pause': ({ guest }) => guests.pause(guest),
    'guests.resume': ({ guest }) => guests.resume(guest),
    'guests.suspend': async ({ guest }) => suspendGuest(guests.rooms(), guests.entry(guest)),
    'guests.remove': async ({ guest, force, keep }) => ({ kept: await guests.remove(guest, force, keep) }),
    'guests.wait': async ({ guest, states, timeoutMs }) => wait(rooms, guest, states, timeoutMs),

    'guests.signal': async ({ guest, signal }) => {
      await sendSignal(guests.entry(guest), signal);
      return null;
    },
    'guests.sendKeys': async ({ guest, keys = [], text = '' }) => {
      await typeInto(guests, guest, keys, text);
      return null;
    },
    'guests.planChange': ({ guest, change }) => guests.planChange(guest, sealed(change)),
    'guests.update': ({ guest, change, recreate }) => guests.update(guest, sealed(change), recreate),
    'guests.rename': ({ guest, name }) => guests.rename(guest, name),
    'guests.clone': ({ guest, name, kind }) => guests.clone(guest, name, kind),
    'guests.planClone': async ({ guest }) => (await import('../guests/clone.ts')).planClone(guests.entry(guest)),
    'guests.export': ({ guest, path, format }) => guests.export(guest, path, format),
    'guests.import': ({ path, name }) => guests.import(path, name),
    'guests.planImport': async ({ path, name }) =>
      (await import('../guests/foreign/plan.ts')).planImport(guests.rooms(), path, name),
    'guests.costs': async () => rooms.costs.ofGuests(guests.list()),
    'guests.find': async () => (await import('../guests/found/found.ts')).findMachines(),
    'guests.importFound': ({ ref, name }) => guests.importFound(ref, name),
    'guests.inside': async ({ guest }) => {
      const { driver, manifest } = guests.entry(guest);
      if (driver.inside) return driver.inside(manifest);
      throw cannot(manifest.spec.name, 'It has no emulator that could be asked; see `guesthouse top`.');
    },
    'guests.monitor': async ({ guest, line }) => {
      const { driver, manifest } = guests.entry(guest);
      if (driver.monitor) return driver.monitor(manifest, line);
      throw cannot(manifest.spec.name, 'It has no emulator that could be asked; see `guesthouse top`.');
    },
    'guests.top': async ({ guest }) => {
      const { driver, manifest } = guests.entry(guest);
      if (driver.top) return driver.top(manifest);
      throw cannot(manifest.spec.name, 'Its processes are not seen from here.');
    },
    'guests.diff': async ({ guest }) => {
      const { driver, manifest } = guests.entry(guest);
      if (driver.diff) return driver.diff(manifest);
      throw cannot(manifest.spec.name, 'It has a disk of its own, which is not compared file by file.');
    },
  };
}

function inspectOrGone(guests: Guests, ref: string): Guest {
  try {
    return guests.inspect(ref);
  } catch (error) {
    if (error instanceof GuesthouseError && error.code === 'not-found') return guests.gone(ref);
    throw error;
  }
}

/** Looks at every change rather than every so often: a script that waits loses no time. */
async function wait(
  { guests, feed }: Rooms,
  ref: string,
  states: readonly string[],
  timeoutMs: number,
): Promise<Guest> {
  const { id, name, state } = inspectOrGone(guests, ref);
  // A disposable guest is gone with its end; how it ended is still told to who asks for that.
  if (!guests.has(id) && states.includes(state)) return guests.gone(id);
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => {
      clearTimeout(timer);
      stop();
      finish();
    };
    const look = (guest: Guest | undefined) => {
      if (guest?.id === id && states.includes(guest.state)) end(() => resolve(guest));
    };
    const fail = (code: 'timeout' | 'not-found', message: string) =>
      end(() => reject(new GuesthouseError({ code, message, subject: name })));
    const timer = setTimeout(
      () => fail('timeout', `${name} is not ${states.join(' or ')} in the time given.`),
      timeoutMs,
    );
    let stop = () => {};
    stop = feed.subscribe((event) => {
      if (event.type === 'guest') look(event.guest);
      if (event.type === 'guest-removed' && event.id === id) fail('not-found', `${name} was removed meanwhile.`);
    });
    look(guests.inspect(id));
  });
}

function cannot(name: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `This cannot be told of ${name}.`,
    subject: name,
    cause: why,
    hint: 'Look inside through its console.',
  });
}
