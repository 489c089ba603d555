/** `guesthouse create NAME ...`. */
import type { GuestDraft } from '../../../engine/contract/index.ts';
import { oneName, parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { guestChange, isolation } from '../options/guest-change.ts';
import { GUEST_OPTIONS } from '../options/guest-options.ts';
import { printJson } from '../print.ts';
import { withProgress } from '../progress.ts';
import { newSecret } from '../secret.ts';
import { findTemplate } from './template.ts';

export async function run(args: readonly string[]): Promise<undefined> {
  const { values, names, command } = parse(args, {
    ...GUEST_OPTIONS,
    image: { type: 'string' },
    template: { type: 'string' },
    isolation: { type: 'string' },
    'ask-password': { type: 'boolean' },
    start: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const name = oneName(names, 'create');
  const wishes = guestChange(values);
  const password = values['ask-password'] ? { password: await newSecret('Password of the first login') } : null;
  const ofTemplate = values.template !== undefined;
  const asked = {
    ...(ofTemplate && values.isolation === undefined ? {} : { isolation: isolation(values.isolation, 'create') }),
    ...(values.image === undefined ? {} : { image: values.image }),
    ...wishes,
    ...(password ? { firstLogin: { ...wishes.firstLogin, ...password } } : {}),
    ...(ofTemplate && command === null ? {} : { command }),
  };
  const guest = await withEngine((client) =>
    withProgress(client, 'create', name, async () => {
      const base = values.template === undefined ? {} : (await findTemplate(client, values.template)).spec;
      const draft = { ...base, ...asked, name } as GuestDraft;
      const made = await client.call('guests.create', { draft });
      return values.start ? client.call('guests.start', { guest: made.id }) : made;
    }),
  );
  if (values.json) printJson(guest);
  else process.stdout.write(`${guest.id}\n`);
  return undefined;
}
