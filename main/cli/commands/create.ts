/** `guesthouse create NAME ...`. */

import { findImage } from '../../../engine/compose/find-image.ts';
import type { Client } from '../../../engine/contract/client.ts';
import type { GuestDraft } from '../../../engine/contract/draft.ts';
import type { Guest } from '../../../engine/contract/guest.ts';
import { oneName, parse } from '../args.ts';
import { isSure } from '../ask.ts';
import { withEngine } from '../engine.ts';
import { fetchIfListed } from '../from-catalogue.ts';
import { givenAway } from '../options/disks.ts';
import { guestChange, isolation } from '../options/guest-change.ts';
import { GUEST_OPTIONS } from '../options/guest-options.ts';
import { plain, printJson } from '../print.ts';
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
    force: { type: 'boolean', short: 'f' },
    json: { type: 'boolean' },
  });
  const name = oneName(names, 'create');
  const wishes = guestChange(values);
  const given = givenAway(wishes.disks);
  if (given.length > 0 && !values.force) {
    const warning = `The guest will write to ${plain(given.join(' and '))} itself, with everything on it. Give it away?`;
    if (!(await isSure(warning))) return undefined;
  }
  const password = values['ask-password']
    ? { password: await newSecret('Password of the first login', '--login-password-file') }
    : null;
  const ofTemplate = values.template !== undefined;
  const asked = {
    ...(ofTemplate && values.isolation === undefined ? {} : { isolation: isolation(values.isolation, 'create') }),
    ...(values.image === undefined ? {} : { image: values.image }),
    ...wishes,
    ...(password ? { firstLogin: { ...wishes.firstLogin, ...password } } : {}),
    ...(ofTemplate && command === null ? {} : { command }),
  };
  const guest = await withEngine(async (client) => {
    const base = values.template === undefined ? {} : (await findTemplate(client, values.template)).spec;
    const draft = { ...base, ...asked, name } as GuestDraft;
    const [image, iso] = [await wanted(client, draft.image), await wanted(client, draft.iso)];
    const full = { ...draft, ...(image ? { image } : {}), ...(iso ? { iso } : {}) };
    return withProgress(client, 'create', name, async () => {
      const made = await client.call('guests.create', { draft: full });
      return values.start ? client.call('guests.start', { guest: made.id }) : made;
    });
  });
  await tellShared(guest);
  if (values.json) printJson(guest);
  else process.stdout.write(`${guest.id}\n`);
  return undefined;
}

/** What the catalogue lists is fetched, and has its full name then; that anything else is missing the engine tells. */
async function wanted<T extends string | null | undefined>(client: Client, reference: T): Promise<T | string> {
  if (!reference || findImage(await client.call('images.list', {}), reference)) return reference;
  return (await fetchIfListed(client, reference))?.name ?? reference;
}

/** Devices of the host that other guests are to have as well: no mistake, but only one of them has it at a time. */
async function tellShared({ name, spec }: Guest): Promise<void> {
  if (spec.hostDevices.length === 0) return;
  const devices = await withEngine((client) => client.call('host.devices', {})).catch(() => []);
  for (const { address, name: device, askedBy = [] } of devices) {
    const others = askedBy.filter((other) => other !== name);
    if (others.length > 0 && others.length < askedBy.length)
      process.stderr.write(
        `Note: ${plain(device)} (${address}) is for ${others.join(', ')} too: one at a time has it.\n`,
      );
  }
}
