/**
 * What a person types to name an image of a registry: `[host[:port]/]path[:tag][@sha256:…]`. The grammar is that of
 * Docker's `distribution/reference`: a first part with a dot, a colon or the word `localhost` is a host.
 */
import { GuesthouseError } from '../../contract/errors.ts';
import { contentDigest, contentHex } from '../digests.ts';
import { COMPONENT, MAX_NAME_BYTES } from '../names.ts';

export interface Reference {
  /** Host of the name, with its port where one is written: also the key of credentials and certificates. */
  readonly host: string;
  /** Host that is asked. */
  readonly apiHost: string;
  /** `library/alpine`. */
  readonly repository: string;
  readonly tag: string | null;
  /** 64 hex digits (sha256) or 128 (sha512); it decides where both a tag and a digest are given. */
  readonly digest: string | null;
  /** As it was written, with its tag: the name the image gets in the store. */
  readonly name: string;
}

/** Names of this domain are served by another host, and short ones live under `library/`. */
const HUB = 'docker.io';

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:.]{2,45}\\])(?::([0-9]{1,5}))?$`);
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export const isTag = (text: string): boolean => TAG.test(text);

/** `defaultHost`: of names without a host; null where none is set. Throws `invalid`. */
export function parseReference(text: string, defaultHost: string | null): Reference {
  if (/^[a-z+]+:\/\//i.test(text))
    throw misnamed(text, 'It begins like an address of the web.', 'Leave the part up to "//" out.');
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? null : hexOf(text, text.slice(at + 1));
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : null;
  if (tag !== null && !TAG.test(tag)) throw misnamed(text, `${JSON.stringify(tag.slice(0, 40))} is not a tag.`);
  const path = hasTag ? named.slice(0, colon) : named;
  if (path.length > MAX_NAME_BYTES) throw misnamed(text, `A name has at most ${MAX_NAME_BYTES} characters.`);

  const slash = path.indexOf('/');
  const first = slash === -1 ? '' : path.slice(0, slash);
  const isHost = first === 'localhost' || /[.:[]/.test(first);
  const host = isHost ? first.toLowerCase() : defaultHost;
  const repository = isHost ? path.slice(slash + 1) : path;
  if (!REPOSITORY.test(repository)) throw misnamed(text, explain(repository));
  if (host === null) {
    throw new GuesthouseError({
      code: 'invalid',
      message: `${text} does not say which registry it is in.`,
      subject: text,
      cause: 'No registry is set for names without a host.',
      hint: `Write it in full, e.g. ${HUB}/${slash === -1 ? 'library/' : ''}${text}, or set GUESTHOUSE_REGISTRY (or "default" in registries.json of the home) to a host such as ${HUB}.`,
    });
  }
  requireHost(host, text);
  const isHub = host === HUB || host === `index.${HUB}`;
  return {
    host: isHub ? HUB : host,
    apiHost: isHub ? `index.${HUB}` : host,
    repository: isHub && !repository.includes('/') ? `library/${repository}` : repository,
    tag: digest !== null ? tag : (tag ?? 'latest'),
    digest,
    name: `${isHost ? `${host}/` : ''}${repository}${tag === null ? (digest === null ? ':latest' : '') : `:${tag}`}${digest === null ? '' : `@${contentDigest(digest)}`}`,
  };
}

/** Throws `invalid` unless it is `host` or `host:port`. `subject`: what is told to be wrong. */
export function requireHost(host: string, subject: string): void {
  const match = HOST.exec(host);
  const port = match?.[1] === undefined ? 1 : Number(match[1]);
  // A name that ends in a number is an address to URLs (`a.0`), and no good one.
  const isUrl = URL.canParse(`https://${host}`);
  if (!match || !isUrl || host.length > MAX_NAME_BYTES || port < 1 || port > 65_535)
    throw misnamed(subject, `${JSON.stringify(host.slice(0, 80))} is not a host, or host:port.`);
}

/** Under which names `docker login` and `podman login` keep what they know of this host. */
export function credentialKeys(host: string): readonly string[] {
  const hosts = host === HUB ? [HUB, `index.${HUB}`] : [host];
  return hosts.flatMap((one) => [one, `https://${one}`, `https://${one}/v1/`, `https://${one}/v2/`, `http://${one}`]);
}

function hexOf(text: string, digest: string): string {
  try {
    return contentHex(digest);
  } catch {
    throw misnamed(text, 'What follows "@" must be sha256: and 64 hex digits, or sha512: and 128.');
  }
}

function explain(repository: string): string {
  if (repository === '') return 'There is no name in it.';
  if (/[A-Z]/.test(repository)) return 'Names have small letters only.';
  return 'A name is made of a-z, 0-9, ".", "_", "-" and "/".';
}

function misnamed(
  text: string,
  cause: string,
  hint = 'Write e.g. registry.example:5000/team/web:1.2.',
): GuesthouseError {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new GuesthouseError({
    code: 'invalid',
    message: `${JSON.stringify(shown)} does not name an image of a registry.`,
    subject: shown,
    cause,
    hint,
  });
}
