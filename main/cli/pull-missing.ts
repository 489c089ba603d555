/** The image a guest is made from: from the store, or fetched when it is not there. */
import type { Client } from '../../engine/contract/client.ts';
import { GuesthouseError, toErrorShape } from '../../engine/contract/errors.ts';
import type { Image } from '../../engine/contract/image.ts';
import { misused, quoted } from './args.ts';
import { fetchIfListed } from './from-catalogue.ts';
import { withProgress } from './progress.ts';

export type PullPolicy = 'missing' | 'always' | 'never';

export function pullPolicy(text: string | undefined): PullPolicy {
  if (text === undefined) return 'missing';
  if (text === 'missing' || text === 'always' || text === 'never') return text;
  throw misused(`--pull has no ${quoted(text)}.`, 'There are missing, always and never.');
}

/** What this machine builds by itself, without a registry. */
const BUILDERS = ['busybox', 'busybox:latest', 'debian:12'];

/** Answers the name to make guests from. Throws what the pull throws. */
export async function ensureImage(
  client: Client,
  reference: string,
  { pull, insecure = false }: { pull: PullPolicy; insecure?: boolean },
): Promise<string> {
  if (pull !== 'always' && findImage(await client.call('images.list', {}), reference)) return reference;
  if (pull === 'never') {
    throw new GuesthouseError({
      code: 'not-found',
      message: `There is no image named ${quoted(reference)} here.`,
      subject: reference,
      hint: 'Fetch it with `guesthouse pull`, or leave --pull never out.',
    });
  }
  const listed = await fetchIfListed(client, reference);
  if (listed) return listed.name;
  try {
    const image = await withProgress(client, 'pull-image', reference, () =>
      client.call('images.pull', { reference, ...(insecure ? { insecure } : {}) }),
    );
    return image.name;
  } catch (error) {
    const shape = toErrorShape(error);
    if (!BUILDERS.includes(reference)) throw error;
    const hint = `Without a registry, \`guesthouse image build ${reference.replace(':latest', '')}\` makes it here.`;
    throw new GuesthouseError({ ...shape, hint });
  }
}

/** By name, further name or id, as the store looks it up. */
export function findImage(images: readonly Image[], reference: string): Image | undefined {
  const withTag = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const isId = /^(sha256:)?[0-9a-f]{6,64}$/.test(reference);
  return images.find(
    ({ id, name, aliases }) =>
      [name, ...aliases].some((known) => known === reference || known === withTag) ||
      (isId && id.replace('sha256:', '').startsWith(reference.replace('sha256:', ''))),
  );
}
