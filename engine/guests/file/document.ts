/**
 * `guesthouse.json` in a guest file: what it holds, by digest. The rest of the file is a tar archive as `docker save`
 * writes it, of the guest's image where that is a file tree, and one member `guesthouse/<sha256>` for everything else.
 * See decisions/0010-volumes-and-guest-files.md. Whoever made the file is not trusted.
 */
import { z } from 'zod';
import { parseCall } from '../../api/schemas.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import { plainPath } from '../../volumes/for-guest.ts';
import { isVolumeName } from '../../volumes/problems.ts';

export const DOCUMENT_NAME = 'guesthouse.json';
/** Folder of the members in a guest file that are no image's. */
export const MEMBER_FOLDER = 'guesthouse/';
/** The second has further disks; a file without any is one of the first, which older Guesthouses read. */
const VERSION = 2;
const MOST_DISKS = 64;

const member = z.strictObject({
  /** sha256 of the content, which is also its name. */
  hex: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});
const text = z.string().max(4096);
const image = z.strictObject({
  id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  name: text.min(1),
  kind: z.enum(['rootfs', 'disk', 'iso']),
  /** The disk or medium itself; null for a file tree, whose layers are in the archive by Docker's own rules. */
  file: z.strictObject({ ...member.shape, ending: z.enum(['qcow2', 'raw', 'iso']) }).nullable(),
});
const document = z.strictObject({
  format: z.literal('guesthouse-guest'),
  version: z.number().int(),
  /** Milliseconds since the epoch. */
  createdAt: z.number(),
  guest: z.unknown(),
  image: image.nullable(),
  /** The medium in its drive, where that is one of the store. */
  iso: image.nullable(),
  /** `layer`: what it changed, as an OCI layer. `disk`: its whole disk as qcow2. */
  data: z.strictObject({ kind: z.enum(['layer', 'disk']), ...member.shape }),
  /** Further disks, whole, as qcow2: what they were a difference to is in them. */
  disks: z
    .array(
      z.strictObject({
        name: text.min(1),
        /** What the guest sees. */
        virtualBytes: z.number().int().min(512).max(Number.MAX_SAFE_INTEGER),
        ...member.shape,
      }),
    )
    .max(MOST_DISKS)
    .optional(),
  volumes: z
    .array(
      z.strictObject({
        /** null: made for this guest alone, and seen at `target`. */
        name: z.string().refine(isVolumeName).nullable(),
        target: text.refine((target) => plainPath(target) === target).nullable(),
        labels: z.record(text, text),
        ...member.shape,
      }),
    )
    .max(200),
});

export type FileImage = z.infer<typeof image>;
export type FileMember = z.infer<typeof member>;
export type GuestDocument = Omit<z.infer<typeof document>, 'guest'> & { readonly guest: GuestSpec };

export function composeDocument(parts: Omit<GuestDocument, 'format' | 'version' | 'createdAt'>): Buffer {
  const version = parts.disks?.length ? VERSION : 1;
  const whole = { format: 'guesthouse-guest', version, createdAt: Date.now(), ...parts };
  return Buffer.from(`${JSON.stringify(whole, null, 2)}\n`);
}

/** Throws `bad-data`. The spec's shape is checked as that of any request; what is possible here is not. */
export function parseDocument(bytes: Uint8Array): GuestDocument {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw notGuest('its guesthouse.json cannot be read');
  }
  if (((value as { version?: number } | null)?.version ?? 0) > VERSION)
    throw notGuest('it was written by a newer Guesthouse');
  const parsed = document.safeParse(value);
  if (!parsed.success) throw notGuest(`its guesthouse.json is wrong at ${parsed.error.issues[0]?.path.join('.')}`);
  try {
    const { draft } = parseCall('guests.create', { draft: parsed.data.guest as never });
    return { ...parsed.data, guest: draft as GuestSpec };
  } catch (error) {
    throw notGuest(`its guesthouse.json asks for what is not known here: ${(error as Error).message}`);
  }
}

export function notGuest(why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The file is not a guest: ${why}.`,
    hint: 'Accepted is what `guesthouse export` writes.',
  });
}
