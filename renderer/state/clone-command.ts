/** A guest is cloned; of a machine it is asked how, with the room either takes. */
import type { CloneKind, ClonePlan, Guest } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { type Command, command } from './command.ts';
import { type ChoiceField, prompting } from './prompting.svelte.ts';
import { route } from './route.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { told, whyBusy } from './told.ts';

const text = m.guests.life.clone;

export const cloneGuest = (guest: Guest): Command =>
  command({
    id: 'guest.clone',
    title: `${text.act}: ${guest.name}`,
    label: text.command,
    icon: 'copy',
    why: whyBusy(guest),
    words: 'copy duplicate linked full',
    run: () => (guest.isolation === 'container' ? ask(guest, []) : told(async () => ask(guest, [await kinds(guest)]))),
  });

async function kinds({ id }: Guest): Promise<ChoiceField> {
  const { fullBytes, linkedBytes }: ClonePlan = await engine.call('guests.planClone', { guest: id });
  const all: ChoiceField['options'] = [
    { value: 'full', label: text.kinds.full, hint: text.hints.full(size(fullBytes)) },
    { value: 'linked', label: text.kinds.linked, hint: text.hints.linked(size(linkedBytes)) },
  ];
  const options = linkedBytes === null ? all.slice(0, 1) : all;
  return { kind: 'choice', key: 'kind', label: text.kind, value: 'full', options };
}

const size = (bytes: number | null) => (bytes === null ? null : m.format.bytes(bytes));

function ask(guest: Guest, fields: readonly ChoiceField[]): void {
  prompting.ask({
    title: text.title(guest.name),
    text: text.text,
    fields: [{ kind: 'text', key: 'name', label: m.guests.life.name, value: `${guest.name}-2` }, ...fields],
    keep: text.keep,
    yes: text.act,
    slow: true,
    run: ({ name = '', kind }) =>
      told(async () => {
        const wish: { kind?: CloneKind } = kind === 'linked' ? { kind } : {};
        const made = await engine.call('guests.clone', { guest: guest.id, name: name.trim(), ...wish });
        toasts.show(text.done(made.name), {
          label: m.frame.toast.show,
          run: () => route.guest(made.id, 'overview'),
        });
      }),
  });
}
