/** Image names: `name[:tag]` as registries write them; always stored with the tag. */
import { basename } from 'node:path';
import { GuesthouseError } from '../contract/errors.ts';

/** One part of a name between slashes. */
export const COMPONENT = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*';
const HOST = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?';
const NAME = new RegExp(`^(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$`);
export const MAX_NAME_BYTES = 255;

/** `busybox` -> `busybox:latest`. Throws `invalid`. */
export function fullName(name: string): string {
  if (name.length > MAX_NAME_BYTES || !NAME.test(name)) {
    const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
    throw new GuesthouseError({
      code: 'invalid',
      message: `${JSON.stringify(shown)} cannot be the name of an image.`,
      subject: 'name',
      cause: `A name is at most ${MAX_NAME_BYTES} of a-z, 0-9, ".", "_", "-" and "/", with an optional ":tag".`,
      hint: 'Choose a name such as "web" or "web:1.2".',
    });
  }
  return hasTag(name) ? name : `${name}:latest`;
}

function hasTag(name: string): boolean {
  return name.lastIndexOf(':') > name.lastIndexOf('/');
}

/** A name for an image that has none, from its file's name. Never throws. */
export function nameFromFile(path: string): string {
  const cleaned = basename(path)
    .toLowerCase()
    .replace(/\.(gz|tgz|zst|xz)$/, '')
    .replace(/\.(tar|oci|qcow2|img|raw|iso|vmdk|vdi|vhd|vhdx)$/, '')
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/[.-]*-[.-]*/g, '-')
    .replace(/\.+/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 100)
    .replace(/[.-]+$/, '');
  return fullName(cleaned === '' ? 'imported' : cleaned);
}

/** The name an archive gives, when it is one of ours to give; else null. */
export function acceptableName(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  try {
    // Docker writes its own hub in front of names that have no host.
    return fullName(name.replace(/^docker\.io\/(library\/)?/, ''));
  } catch {
    return null;
  }
}
