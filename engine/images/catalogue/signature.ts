/** Whether a vendor's key signed something: gpgv says so, with the keys of that vendor alone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError } from '../../contract/errors.ts';
import { run } from '../../host/process.ts';
import { findProgram } from '../../host/tools.ts';
import { findKeys } from './keyring.ts';

/** An image of some gigabytes is read whole. */
const TIMEOUT_MS = 10 * 60_000;

export type Verdict =
  | { readonly good: true; readonly fingerprint: string }
  /** Half a sentence: `gpgv is not installed`. */
  | { readonly good: false; readonly why: string };

export interface Question {
  /** Of the image in the catalogue. */
  readonly name: string;
  readonly vendor: { readonly title: string; readonly keys: readonly string[] };
  /** What was signed; in itself when `signature` is null. */
  readonly path: string;
  readonly signature: Buffer | null;
  readonly home: string;
  /** Private folder for what gpgv reads. */
  readonly work: string;
  readonly signal: AbortSignal;
}

/** Throws `bad-data` when the signature is there and wrong; what cannot be judged here is no failure but a verdict. */
export async function judge(question: Question): Promise<Verdict> {
  const { name, vendor, path, signature, home, work, signal } = question;
  const gpgv = findProgram('gpgv');
  if (gpgv === null) return { good: false, why: 'gpgv is not installed' };
  const keys = await findKeys(home, vendor.keys);
  if (keys.length === 0) return { good: false, why: `this host has no key of ${vendor.title}` };
  const keyring = join(work, 'vendor.gpg');
  await writeFile(keyring, keys, { mode: 0o600 });
  const files = [path];
  if (signature !== null) {
    files.unshift(join(work, 'signature'));
    await writeFile(files[0] as string, signature, { mode: 0o600 });
  }
  const argv = [gpgv, '--homedir', work, '--status-fd', '1', '--keyring', keyring, '--', ...files];
  // Its code is that of the worst signature; one by a key we do not have is no failure.
  const { stdout } = await run(argv, { signal, timeoutMs: TIMEOUT_MS, okCodes: [0, 1, 2] });
  return verdictOf(stdout, name, vendor);
}

/** gpgv's status lines (GnuPG, doc/DETAILS). Pure. */
export function verdictOf(status: string, name: string, vendor: Question['vendor']): Verdict {
  const lines = status.split('\n').map((line) => line.replace(/^\[GNUPG:\] /, '').split(' '));
  const said = (word: string) => lines.find(([first]) => first === word);
  for (const [word, why] of [
    ['BADSIG', 'The signature is of something else.'],
    ['REVKEYSIG', 'The key it was made with was withdrawn.'],
    ['EXPSIG', 'The signature has expired.'],
  ] as const)
    if (said(word)) throw forged(name, vendor.title, why);
  // VALIDSIG <fingerprint> … <fingerprint of the primary key>
  const valid = said('VALIDSIG');
  const by = [valid?.at(-1), valid?.[1]].find((one) => one !== undefined && vendor.keys.includes(one));
  if (by !== undefined) return { good: true, fingerprint: by };
  const unknown = said('NO_PUBKEY')?.[1];
  if (unknown !== undefined) return { good: false, why: `it is by the key ${unknown}, which this host does not have` };
  throw forged(name, vendor.title, 'There is no signature in it that can be read.');
}

function forged(name: string, title: string, cause: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `What vouches for ${name} was not signed by ${title}.`,
    subject: name,
    cause,
    hint: 'Nothing of it was kept. Choose another mirror, or try again later: it may be in the middle of a change.',
  });
}

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';

/**
 * What a clear-signed text says (RFC 4880, 7), or null unless the whole is exactly one: text outside of what was signed
 * would be believed as well.
 */
export function signedText(text: string): string | null {
  const lines = text.replace(/\r\n/g, '\n').trimEnd().split('\n');
  const blank = lines.indexOf('');
  const end = lines.indexOf('-----BEGIN PGP SIGNATURE-----');
  const isOne =
    lines[0] === BEGIN &&
    blank > 0 &&
    end > blank &&
    lines.slice(1, blank).every((line) => /^Hash: /.test(line)) &&
    lines.indexOf(BEGIN, 1) === -1 &&
    lines.indexOf('-----END PGP SIGNATURE-----') === lines.length - 1;
  if (!isOne) return null;
  return lines
    .slice(blank + 1, end)
    .map((line) => line.replace(/^- /, ''))
    .join('\n');
}
