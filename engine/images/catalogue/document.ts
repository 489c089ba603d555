/**
 * A catalogue as a document: vendors, and images by their path on a vendor's mirror. Ours (assets/catalogue) names no
 * address; a person's own, or one at an address, may. Hostile until parsed.
 */
import { z } from 'zod';
import { CATALOGUE_KINDS } from '../../contract/catalogue.ts';
import { GuesthouseError } from '../../contract/errors.ts';
import { ARCHITECTURES } from '../../contract/machine.ts';
import { DISTRIBUTIONS } from '../../contract/medium.ts';

/** Below a mirror: no way up, no scheme, nothing to be quoted. */
const PATH = /^(?!.*\/\.{1,2}\/)(?!\.{1,2}\/)[A-Za-z0-9._+~-]+(?:\/[A-Za-z0-9._+~-]+)*$/;
/** The same, where a `*` in the last part stands for what the checksums tell: a point release. */
const PATTERN = /^(?!.*\/\.{1,2}\/)(?!\.{1,2}\/)(?:[A-Za-z0-9._+~-]+\/)*[A-Za-z0-9._+~*-]+$/;
const MAX_ENTRIES = 2000;

const path = z.string().max(300).regex(PATH, 'is no path below a mirror');
/** As an image may be called. */
const slug = z
  .string()
  .max(80)
  .regex(/^[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*$/, 'must be of a-z, 0-9, "." and "-"');
/** An address, or one relative to the catalogue's own. */
const address = z.string().min(1).max(500);
const text = z.string().min(1).max(120);

const vendor = z.strictObject({
  title: text,
  /** Fingerprints (40 hex digits) of OpenPGP keys that sign for it. */
  keys: z.array(z.string().regex(/^[0-9A-F]{40}$/, 'must be 40 hex digits, A-F large')).default([]),
  mirror: z.union([address, z.array(address).min(1).max(20)]).optional(),
  /** A suite: the host's package source that has it is a mirror as well. */
  apt: text.optional(),
});

const image = z.strictObject({
  name: slug,
  title: text,
  distribution: z.enum(DISTRIBUTIONS),
  version: text,
  architecture: z.enum(ARCHITECTURES),
  kind: z.enum(CATALOGUE_KINDS),
  vendor: slug,
  path: z.string().max(300).regex(PATTERN, 'is no path below a mirror'),
  /** Each says the checksum of the next, the last that of the image. */
  sums: z.array(path).min(1).max(3),
  /** Over the first of `sums` (`clear`: within it), or over the image itself. */
  signature: z
    .union([z.literal('clear'), z.strictObject({ of: z.enum(['sums', 'image']), path: path.optional() })])
    .optional(),
  sizeMib: z.number().int().positive().optional(),
});

const document = z.strictObject({
  version: z.literal(1),
  vendors: z.record(slug, vendor).default({}),
  images: z.array(image).max(MAX_ENTRIES).default([]),
  /** Only in a person's own: addresses by vendor, and further catalogues. */
  mirrors: z.record(slug, z.union([address, z.array(address).min(1).max(20)])).default({}),
  from: z.array(address).max(20).default([]),
});

export type CatalogueDocument = z.infer<typeof document>;
export type DocumentImage = z.infer<typeof image>;
export type DocumentVendor = z.infer<typeof vendor>;

/** `subject`: the file or address it was read from. Throws `bad-data`. */
export function parseDocument(bytes: string, subject: string): CatalogueDocument {
  const refuse = (cause: string) =>
    new GuesthouseError({
      code: 'bad-data',
      message: `${subject} is no catalogue.`,
      subject,
      cause: cause.slice(0, 300),
      hint: 'engine/decisions tells how one is written; mend it, or take it away.',
    });
  let raw: unknown;
  try {
    raw = JSON.parse(bytes);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const parsed = document.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw refuse(`${first?.path.join('.') || 'It'}: ${first?.message ?? 'not as expected'}`);
}
