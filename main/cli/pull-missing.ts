/** The image a guest is made from: from the store, or fetched when it is not there. */
import { findImage, hintToBuild } from '../../engine/compose/find-image.ts';
import type { Client } from '../../engine/contract/client.ts';
import { GuesthouseError } from '../../engine/contract/errors.ts';
import { misused, quoted } from './args.ts';
import { fetchIfListed } from './from-catalogue.ts';
import { withProgress } from './progress.ts';

export type PullPolicy = 'missing' | 'always' | 'never';

export function pullPolicy(text: string | undefined): PullPolicy {
  if (text === undefined) return 'missing';
  if (text === 'missing' || text === 'always' || text === 'never') return text;
  throw misused(`--pull has no ${quoted(text)}.`, 'There are missing, always and never.');
}

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
    throw hintToBuild(error, reference);
  }
}
