/**
 * The archive somebody copies into a guest, checked and written anew in the older GNU form: it is untrusted, and
 * busybox understands no pax headers, so that names and sizes in them would be lost.
 */
import { GuesthouseError } from '../contract/errors.ts';
import { BLOCK_BYTES, readTar, type TarEntry, type TarType } from '../images/archive/tar-reader.ts';

const FLAGS: Readonly<Record<TarType, string | null>> = {
  file: '0',
  link: '1',
  symlink: '2',
  folder: '5',
  fifo: '6',
  character: null,
  block: null,
};
const NAME_BYTES = 100;

export interface Archive {
  /** For busybox' tar. Ends with the end of the archive; throws `bad-data` at the first thing that cannot be. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Entries so far. */
  count(): number;
}

export function plainArchive(source: AsyncIterable<Uint8Array>): Archive {
  let entries = 0;
  const passage = createPassage();
  const reading = readTar(source, {
    async entry(entry) {
      const name = insideName(entry.name, entry.name);
      if (name === '') return false; // the folder itself: it is there already
      entries++;
      await passage.put(headerOf(entry, name));
      return true;
    },
    content: (bytes) => passage.put(bytes),
  });
  reading.then(
    () => passage.put(Buffer.alloc(2 * BLOCK_BYTES)).then(() => passage.end(null)),
    (error) => passage.end(error),
  );
  return { bytes: passage.taken(), count: () => entries };
}

/** Without slashes in front and `.` parts; empty for the archive's own folder. */
function insideName(name: string, entry: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(entry, 'It leads out of the archive.');
  // The reader has put U+FFFD where bytes are no text.
  if (name.includes('\uFFFD') || name.includes('\0')) throw refused(entry, 'Its name is no text in UTF-8.');
  return parts.join('/');
}

function headerOf(entry: TarEntry, name: string): Buffer {
  const link =
    entry.type === 'link' ? insideName(entry.linkName, entry.name) : entry.type === 'symlink' ? entry.linkName : '';
  return plainHeader({ ...entry, name: entry.type === 'folder' ? `${name}/` : name, linkName: link });
}

/** All header blocks of an entry. Throws `bad-data` for a device. */
export function plainHeader(
  entry: Pick<TarEntry, 'name' | 'linkName' | 'type' | 'sizeBytes' | 'mode' | 'uid' | 'gid' | 'mtime'>,
): Buffer {
  const flag = FLAGS[entry.type];
  if (flag === null) throw refused(entry.name, 'Device nodes are not copied.');
  const { name, linkName } = entry;
  return Buffer.concat([longName('K', linkName), longName('L', name), block(entry, name, linkName, flag)]);
}

function longName(flag: 'L' | 'K', name: string): Buffer {
  const bytes = Buffer.from(`${name}\0`);
  if (bytes.length <= NAME_BYTES) return Buffer.alloc(0);
  const body = Buffer.alloc(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
  body.set(bytes);
  return Buffer.concat([
    block({ sizeBytes: bytes.length, mode: 0o644, uid: 0, gid: 0, mtime: 0 }, '././@LongLink', '', flag),
    body,
  ]);
}

function block(
  { sizeBytes, mode, uid, gid, mtime }: Pick<TarEntry, 'sizeBytes' | 'mode' | 'uid' | 'gid' | 'mtime'>,
  name: string,
  link: string,
  flag: string,
): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.set(Buffer.from(name).subarray(0, NAME_BYTES), 0);
  header.set(Buffer.from(link).subarray(0, NAME_BYTES), 157);
  number(header, 100, 8, mode);
  number(header, 108, 8, uid);
  number(header, 116, 8, gid);
  number(header, 124, 12, sizeBytes);
  number(header, 136, 12, Math.max(0, Math.floor(mtime)));
  header.write(flag, 156, 'latin1');
  header.write('ustar  \0', 257, 'latin1');
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Octal digits, or base 256 (GNU) for what has too many. */
function number(header: Buffer, at: number, width: number, value: number): void {
  const digits = value.toString(8);
  if (digits.length < width) header.write(`${digits.padStart(width - 1, '0')}\0`, at, 'latin1');
  else {
    header[at] = 0x80;
    header.writeUIntBE(value, at + width - 6, 6);
  }
}

function refused(name: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The archive has an entry that cannot be copied: ${JSON.stringify(name.slice(0, 200))}.`,
    subject: name.slice(0, 200),
    cause: why,
  });
}

/** From one who gives to one who takes, one piece at a time: whoever gives waits until it was taken. */
function createPassage() {
  let full: { bytes: Uint8Array; taken: () => void } | null = null;
  let over: { error: unknown } | null = null;
  let wake: () => void = () => {};
  return {
    put: (bytes: Uint8Array) =>
      new Promise<void>((taken) => {
        full = { bytes, taken };
        wake();
      }),
    end(error: unknown) {
      over = { error };
      wake();
    },
    async *taken(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const piece = full;
        if (piece) {
          full = null;
          yield piece.bytes;
          piece.taken();
        } else if (over) {
          if (over.error !== null) throw over.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
