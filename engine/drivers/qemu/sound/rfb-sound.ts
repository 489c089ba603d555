/**
 * What a machine plays, by QEMU's own extension of RFB ("QEMU Audio" in rfbproto, pseudo-encoding -259): a connection of its
 * own to the screen's socket that asks for sound and for no picture.
 */
import type { Duplex } from 'node:stream';
import { SOUND_CHANNELS, SOUND_RATE } from '../../../contract/sound.ts';
import { ByteReader } from './byte-reader.ts';

const VERSION = Buffer.from('RFB 003.008\n');
const SECURITY_NONE = 1;
const SHARED = 1;
const ENCODING = -259;
/** Messages: of an update (the answer to the encoding), the bell, a clipboard, and QEMU's own. */
const UPDATE = 0;
const BELL = 2;
const CUT_TEXT = 3;
const QEMU = 255;
const AUDIO = 1;
/** What the client asks: go on, and in which form. */
const ENABLE = 0;
const SET_FORMAT = 2;
/** What the server says of it: here are samples. The others are that it begins and ends. */
const DATA = 2;
/** Signed, 16 bits. */
const S16 = 3;
/** QEMU sends some kilobytes at a time; what claims to be much more is no sound (bytes). */
const MOST_BYTES = 16 * 1024 * 1024;

/** Samples as they are played. Ends with the socket. Throws when what comes is not this protocol. */
export async function* readSound(socket: Duplex): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(socket);
  if (!(await greet(socket, reader))) return;
  socket.write(askFor());
  for (;;) {
    const type = (await reader.take(1))?.readUInt8();
    if (type === undefined) return;
    if (type === BELL) continue;
    if (type === CUT_TEXT) await reader.skip(((await reader.take(7))?.readUInt32BE(3) ?? 0) & 0x7fffffff);
    else if (type === UPDATE) await acknowledged(reader);
    else if (type === QEMU) {
      const head = await reader.take(3);
      if (head?.readUInt8() !== AUDIO) throw notSound(`It is of kind ${head?.readUInt8()}.`);
      if (head.readUInt16BE(1) !== DATA) continue;
      const size = (await reader.take(4))?.readUInt32BE() ?? 0;
      if (size > MOST_BYTES) throw notSound(`It claims ${size} bytes.`);
      const samples = await reader.take(size);
      if (samples) yield samples;
    } else throw notSound(`It is of type ${type}.`);
  }
}

/** False: it ended before. */
async function greet(socket: Duplex, reader: ByteReader): Promise<boolean> {
  const version = await reader.take(VERSION.length);
  if (version === null) return false;
  if (!version.subarray(0, 4).equals(VERSION.subarray(0, 4))) throw notSound('It is no VNC server.');
  socket.write(VERSION);
  await reader.skip((await reader.take(1))?.readUInt8() ?? 0);
  socket.write(Buffer.from([SECURITY_NONE]));
  if ((await reader.take(4))?.readUInt32BE() !== 0) throw notSound('It lets nobody in.');
  socket.write(Buffer.from([SHARED]));
  const screen = await reader.take(24);
  await reader.skip(screen?.readUInt32BE(20) ?? 0);
  return screen !== null;
}

function askFor(): Buffer {
  const encodings = Buffer.alloc(8);
  encodings.set([2, 0, 0, 1]);
  encodings.writeInt32BE(ENCODING, 4);
  const format = Buffer.from([QEMU, AUDIO, 0, SET_FORMAT, S16, SOUND_CHANNELS, 0, 0, 0, 0]);
  format.writeUInt32BE(SOUND_RATE, 6);
  return Buffer.concat([encodings, format, Buffer.from([QEMU, AUDIO, 0, ENABLE])]);
}

/** Nothing is drawn for us: an update holds the encoding's answer alone. */
async function acknowledged(reader: ByteReader): Promise<void> {
  for (let left = (await reader.take(3))?.readUInt16BE(1) ?? 0; left > 0; left--) {
    const encoding = (await reader.take(12))?.readInt32BE(8);
    if (encoding !== undefined && encoding !== ENCODING) throw notSound(`It has the encoding ${encoding}.`);
  }
}

function notSound(cause: string): Error {
  return new Error(`QEMU sent what is no message of its sound: ${cause}`);
}
