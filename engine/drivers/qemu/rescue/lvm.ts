/**
 * LVM2's own words on a disk: which volume groups there are, and where the extents of their volumes lie. Layouts: lvm2's
 * lib/format_text/layout.h and its text format (lvm.conf's syntax). It comes from a disk nobody vouches for: every length is
 * bounded, and what is made of it are tables that the rescue's kernel checks against its devices. Pure.
 */
import { parseLvmText, type Section } from './lvm-text.ts';

const SECTOR = 512;
const MAX_AREAS = 8;
/** Longer than any volume group has words (bytes). */
export const MAX_METADATA_BYTES = 4 * 1024 * 1024;
const MAX_VOLUMES = 256;
const MAX_SEGMENTS = 400;
/** Of an area; after it its text goes round (bytes). */
const AREA_HEADER_BYTES = 512;
const AREA_MAGIC = ' LVM2 x[5A%r0N*>';
const NAME = /^[\w+.-]{1,100}$/;
const ID = /^[0-9A-Za-z!#]{32}$/;

export interface Extent {
  readonly at: number;
  readonly bytes: number;
}

export interface PhysicalVolume {
  readonly id: string;
  /** Where text about its group is kept. */
  readonly areas: readonly Extent[];
}

/** By the beginning of a device. null: it is none. */
export function physicalVolume(head: Buffer): PhysicalVolume | null {
  const label = [0, 1, 2, 3].map((n) => n * SECTOR).find((at) => head.toString('latin1', at, at + 8) === 'LABELONE');
  if (label === undefined || head.length < label + SECTOR) return null;
  const end = label + SECTOR;
  const start = label + head.readUInt32LE(label + 20);
  if (start < label + 32 || start + 40 > end) return null;
  const id = head.toString('latin1', start, start + 32);
  if (!ID.test(id)) return null;
  let at = start + 40;
  /** Pairs of place and length up to one of zeros. */
  const list = (): Extent[] => {
    const found: Extent[] = [];
    for (; at + 16 <= end && found.length < MAX_AREAS; at += 16) {
      const [place, bytes] = [Number(head.readBigUInt64LE(at)), Number(head.readBigUInt64LE(at + 8))];
      if (place === 0) break;
      if (Number.isSafeInteger(place) && Number.isSafeInteger(bytes)) found.push({ at: place, bytes });
    }
    at += 16;
    return found;
  };
  list(); // where its extents are; the text says so, too
  return { id, areas: list() };
}

/** Where the newest text of an area is, in one piece or two; null: nowhere. `header`: the area's first 512 bytes. */
export function textOfArea(header: Buffer, area: Extent): readonly Extent[] | null {
  if (header.length < AREA_HEADER_BYTES || header.toString('latin1', 4, 20) !== AREA_MAGIC) return null;
  const offset = Number(header.readBigUInt64LE(40));
  const bytes = Number(header.readBigUInt64LE(48));
  const isIgnored = (header.readUInt32LE(60) & 1) !== 0;
  if (isIgnored || offset < AREA_HEADER_BYTES || offset >= area.bytes) return null;
  if (bytes < 1 || bytes > MAX_METADATA_BYTES || bytes > area.bytes - AREA_HEADER_BYTES) return null;
  const first = Math.min(bytes, area.bytes - offset);
  const pieces = [{ at: area.at + offset, bytes: first }];
  if (first < bytes) pieces.push({ at: area.at + AREA_HEADER_BYTES, bytes: bytes - first });
  return pieces;
}

/** A run of sectors of a volume, over one device or in turns over several. All in sectors. */
export interface Run {
  readonly start: number;
  readonly length: number;
  /** 0 for one device alone. */
  readonly chunk: number;
  readonly on: readonly { readonly volume: string; readonly at: number }[];
}

export interface LogicalVolume {
  /** As the device mapper has it: `group-volume`, a `-` in either written twice. */
  readonly mapped: string;
  readonly name: string;
  readonly uuid: string;
  readonly runs: readonly Run[];
  /** Kind that is not put together here (`thin`, `raid1`, ...); null: it can be. */
  readonly kind: string | null;
}

export interface VolumeGroup {
  readonly id: string;
  readonly name: string;
  /** The higher, the newer. */
  readonly sequence: number;
  /** Ids of its physical volumes. */
  readonly members: readonly string[];
  /** Those a person sees. */
  readonly volumes: readonly LogicalVolume[];
}

/** null: it is not what lvm2 writes. */
export function volumeGroup(text: string): VolumeGroup | null {
  const [name, group] = [...(parseLvmText(text) ?? [])].find(([, value]) => value instanceof Map) ?? [];
  if (name === undefined || !(group instanceof Map) || !NAME.test(name)) return null;
  const id = idOf(group);
  const extent = numberOf(group, 'extent_size');
  const sequence = numberOf(group, 'seqno');
  if (id === null || !extent || sequence === null) return null;
  const members = new Map<string, { id: string; start: number }>();
  for (const [key, one] of sections(group.get('physical_volumes'))) {
    const [member, start] = [idOf(one), numberOf(one, 'pe_start')];
    if (member !== null && start !== null) members.set(key, { id: member, start });
  }
  const volumes: LogicalVolume[] = [];
  for (const [key, one] of sections(group.get('logical_volumes')).slice(0, MAX_VOLUMES)) {
    const own = idOf(one);
    const status = one.get('status');
    if (!NAME.test(key) || own === null || !Array.isArray(status) || !status.includes('VISIBLE')) continue;
    const twice = (word: string) => word.replaceAll('-', '--');
    const runs = runsOf(one, extent, members);
    volumes.push({
      mapped: `${twice(name)}-${twice(key)}`.slice(0, 127),
      name: key,
      uuid: `LVM-${id}${own}`,
      runs: typeof runs === 'string' ? [] : runs,
      kind: typeof runs === 'string' ? runs : null,
    });
  }
  return { id, name, sequence, members: [...members.values()].map((one) => one.id), volumes };
}

/** Or the kind of the first segment that is of another kind than extents on devices. */
function runsOf(
  volume: Section,
  extent: number,
  members: ReadonlyMap<string, { id: string; start: number }>,
): Run[] | string {
  const runs: Run[] = [];
  for (const [key, one] of sections(volume)) {
    if (!/^segment\d+$/.test(key)) continue;
    const type = one.get('type');
    if (type !== 'striped' && type !== 'linear') return typeof type === 'string' ? type.slice(0, 40) : 'damaged';
    const [start, count] = [numberOf(one, 'start_extent'), numberOf(one, 'extent_count')];
    const stripes = one.get('stripes');
    if (start === null || !count || !Array.isArray(stripes) || stripes.length < 2) return 'damaged';
    const on: { volume: string; at: number }[] = [];
    for (let at = 0; at + 1 < stripes.length; at += 2) {
      const member = members.get(String(stripes[at]));
      const place = stripes[at + 1];
      if (!member || typeof place !== 'number') return 'damaged';
      on.push({ volume: member.id, at: member.start + place * extent });
    }
    const chunk = on.length > 1 ? (numberOf(one, 'stripe_size') ?? 0) : 0;
    if (on.length > 1 && chunk === 0) return 'damaged';
    runs.push({ start: start * extent, length: count * extent, chunk, on });
    if (runs.length > MAX_SEGMENTS) return 'too many pieces';
  }
  return runs.length === 0 ? 'damaged' : runs.sort((a, b) => a.start - b.start);
}

function sections(found: unknown): [string, Section][] {
  return found instanceof Map ? [...found].flatMap(([key, one]) => (one instanceof Map ? [[key, one]] : [])) : [];
}

/** Written in groups with `-` between them; elsewhere on the disk without. */
function idOf(section: Section): string | null {
  const id = String(section.get('id') ?? '').replaceAll('-', '');
  return ID.test(id) ? id : null;
}

function numberOf(section: Section, key: string): number | null {
  const value = section.get(key);
  return typeof value === 'number' ? value : null;
}
