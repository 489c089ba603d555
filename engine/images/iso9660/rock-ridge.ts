/** Fields of Rock Ridge (IEEE P1282) in System Use Sharing Protocol entries (IEEE P1281). */
import { both32, recordTime, SECTOR_BYTES } from './fields.ts';

const FILE_MODE = 0o100444;
const FOLDER_MODE = 0o040555;

/** A field: two letters, its length, version 1, content. */
function field(name: string, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(name, 'latin1'), Buffer.of(4 + content.length, 1), content]);
}

/** Mode, links, owner, group (PX), as of 1994: without the serial number. */
const posix = (mode: number, links: number) =>
  field('PX', Buffer.concat([both32(mode), both32(links), both32(0), both32(0)]));

/** Changed and read (TF with modify and access). */
const times = (at: Date) => field('TF', Buffer.concat([Buffer.of(0b110), recordTime(at), recordTime(at)]));

export function rockRidgeOfFile(name: string, at: Date): Buffer {
  return Buffer.concat([
    posix(FILE_MODE, 1),
    times(at),
    field('NM', Buffer.concat([Buffer.of(0), Buffer.from(name, 'utf8')])),
  ]);
}

/** Of the root folder's entry for itself: says that Rock Ridge is spoken (SP), and where that is said in full (CE). */
export function rockRidgeOfDot(at: Date, sector: number): Buffer {
  const more = Buffer.concat([both32(sector), both32(0), both32(continuation().length)]);
  return Buffer.concat([field('SP', Buffer.of(0xbe, 0xef, 0)), posix(FOLDER_MODE, 2), times(at), field('CE', more)]);
}

/** ER: names the extension in words the standard prescribes; too long for a directory record. */
export function continuation(): Buffer {
  const id = 'RRIP_1991A';
  const about = 'THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS';
  const source =
    'PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.';
  const head = Buffer.of(id.length, about.length, source.length, 1);
  const bytes = field('ER', Buffer.concat([head, Buffer.from(id + about + source, 'latin1')]));
  if (bytes.length > SECTOR_BYTES) throw new RangeError('The continuation is one sector.');
  return bytes;
}

/** The real name in a record's system use area (NM, all its parts); null: none is there. What is malformed is not read. */
export function rockRidgeName(area: Buffer): string | null {
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= area.length; ) {
    const length = area[at + 2] as number;
    if (length < 4 || at + length > area.length) break;
    // Flags 2 and 4 stand for `.` and `..`.
    if (area.toString('latin1', at, at + 2) === 'NM' && length > 5 && ((area[at + 4] as number) & 6) === 0)
      parts.push(area.subarray(at + 5, at + length));
    at += length;
  }
  return parts.length === 0 ? null : Buffer.concat(parts).toString('utf8');
}
