/** Everything that can be done with the disks of a machine that does not run. */
import { type ErrorShape, type Guest, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { prompting } from './prompting.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const text = m.rescue;
const offline = () => (engine.link === 'open' ? null : m.guests.offline);
const readOnly = (guest: Guest) => offline() ?? (guest.rescue?.write ? null : text.readOnly);

/** Where a failure is shown. */
export type Report = (error: ErrorShape) => void;

async function during(report: Report, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    const error = toErrorShape(thrown);
    if (error.code !== 'cancelled') report(error);
  }
}

export const openDisks = (guest: Guest, report: Report): Command =>
  command({
    id: 'rescue.open',
    title: text.open,
    icon: 'volumes',
    why: offline(),
    run: () => during(report, () => engine.call('rescue.open', { guest: guest.id })),
  });

export const openToWrite = (guest: Guest, report: Report): Command =>
  command({
    id: 'rescue.write',
    title: text.openToWrite,
    icon: 'edit',
    why: offline(),
    run: () =>
      asking.ask({
        title: text.askWrite.title(guest.name),
        text: text.askWrite.text,
        keep: text.askWrite.keep,
        yes: text.askWrite.yes,
        run: () => void during(report, () => engine.call('rescue.open', { guest: guest.id, write: true })),
      }),
  });

export const unlockDevice = (guest: Guest, device: string): Command =>
  command({
    id: `rescue.unlock.${device}`,
    title: text.unlock,
    icon: 'keys',
    why: offline(),
    run: () =>
      prompting.ask({
        title: text.unlockAsk.title(device),
        fields: [
          {
            kind: 'text',
            key: 'passphrase',
            label: text.unlockAsk.passphrase,
            hint: text.unlockAsk.hint,
            secret: true,
          },
        ],
        keep: text.unlockAsk.keep,
        yes: text.unlockAsk.yes,
        run: async ({ passphrase = '' }) => {
          await engine.call('rescue.unlock', { guest: guest.id, device, passphrase });
          toasts.show(text.unlockAsk.done(device));
        },
      }),
  });

export const closeDisks = (guest: Guest, report: Report): Command =>
  command({
    id: 'rescue.close',
    title: text.close,
    icon: 'close',
    why: offline(),
    run: () => during(report, () => engine.call('rescue.close', { guest: guest.id })),
  });

export const resetPassword = (guest: Guest, report: Report): Command =>
  command({
    id: 'rescue.password',
    title: text.password,
    icon: 'keys',
    why: readOnly(guest),
    run: () => during(report, async () => askPassword(guest)),
  });

async function askPassword(guest: Guest): Promise<void> {
  const users = await engine.call('rescue.users', { guest: guest.id });
  const ask = text.passwordAsk;
  prompting.ask({
    title: ask.title(guest.name),
    fields: [
      { kind: 'text', key: 'user', label: ask.user, value: users[0]?.name ?? 'root', hint: ask.userHint(users) },
      { kind: 'text', key: 'password', label: ask.password, hint: ask.hint, secret: true },
    ],
    keep: ask.keep,
    yes: ask.yes,
    run: async ({ user = '', password = '' }) => {
      await engine.call('rescue.setPassword', { guest: guest.id, user, password });
      toasts.show(ask.done(user));
    },
  });
}

export const addKey = (guest: Guest, report: Report): Command =>
  command({
    id: 'rescue.key',
    title: text.key,
    icon: 'plus',
    why: readOnly(guest),
    run: () => during(report, async () => askKey(guest)),
  });

async function askKey(guest: Guest): Promise<void> {
  const users = await engine.call('rescue.users', { guest: guest.id });
  const ask = text.keyAsk;
  prompting.ask({
    title: ask.title(guest.name),
    fields: [
      {
        kind: 'text',
        key: 'user',
        label: text.passwordAsk.user,
        value: users[0]?.name ?? 'root',
        hint: text.passwordAsk.userHint(users),
      },
      { kind: 'lines', key: 'key', label: ask.key, placeholder: 'ssh-ed25519 AAAA… name' },
    ],
    keep: text.passwordAsk.keep,
    yes: ask.yes,
    run: async ({ user = '', key = '' }) => {
      await engine.call('rescue.addKey', { guest: guest.id, user, key: key.trim() });
      toasts.show(ask.done(user));
    },
  });
}
