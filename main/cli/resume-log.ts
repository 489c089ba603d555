/**
 * What of a log was shown, so that it can be asked for again and goes on in the middle of a line. The log is asked for with
 * times (`RFC 3339 with nine digits, a space, the line`); they are taken off again unless they are wanted. Pure.
 */
export type LogChannel = 'stdout' | 'stderr';

export interface LogResume {
  /** What of these bytes is to be shown. */
  add(channel: LogChannel, bytes: Uint8Array): Uint8Array;
  /** From here on comes a log that was asked for anew. Since when it is wanted (ms since the epoch); null: as before. */
  restart(): number | null;
}

interface Place {
  /** The line's time; empty: none yet. */
  time: string;
  /** Which of the lines of this very time. */
  nth: number;
  /** Shown of it, its end included (bytes). */
  bytes: number;
}

const NEWLINE = 10;
const SPACE = 32;
/** Longer than any time (bytes). */
const MAX_TIME_BYTES = 40;

export function createLogResume(timestamps: boolean): LogResume {
  let sides = { stdout: createSide(timestamps, null), stderr: createSide(timestamps, null) };
  return {
    add: (channel, bytes) => sides[channel].add(bytes),
    restart() {
      const { stdout, stderr } = sides;
      const times = [stdout.shown.time, stderr.shown.time].filter((time) => time !== '').sort();
      const [first, last = first] = times;
      if (first === undefined || last === undefined) {
        sides = { stdout: createSide(timestamps, null), stderr: createSide(timestamps, null) };
        return null;
      }
      // A side that showed nothing had nothing to show until the other's last line.
      const from = (place: Place): Place => (place.time === '' ? { time: last, nth: 0, bytes: 0 } : place);
      sides = {
        stdout: createSide(timestamps, from(stdout.shown)),
        stderr: createSide(timestamps, from(stderr.shown)),
      };
      return Math.floor(Date.parse(first));
    },
  };
}

/** `until`: what was shown before, to be left out. */
function createSide(timestamps: boolean, until: Place | null) {
  const shown: Place = until ? { ...until } : { time: '', nth: 0, bytes: 0 };
  let skipping = until !== null;
  /** Place of the line that is read now. */
  const now: Place = { time: '', nth: 0, bytes: 0 };
  let head = '';
  let inHead = true;

  /** The line at `now` came up before, in part or whole. */
  const isKnown = () =>
    skipping && until !== null && (now.time < until.time || (now.time === until.time && now.nth <= until.nth));
  /** How many of its first bytes were shown then. */
  const seenBytes = (): number => {
    if (!isKnown() || until === null) return 0;
    return now.time === until.time && now.nth === until.nth ? until.bytes : Number.POSITIVE_INFINITY;
  };

  return {
    shown,
    add(bytes: Uint8Array): Uint8Array {
      const out: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        if (inHead) {
          const byte = bytes[at++] as number;
          if (byte !== SPACE && head.length < MAX_TIME_BYTES) {
            head += String.fromCharCode(byte);
            continue;
          }
          now.nth = head === now.time ? now.nth + 1 : 1;
          now.time = head;
          now.bytes = 0;
          inHead = false;
          head = '';
          if (isKnown()) continue;
          // The clock may go back: what comes now is new, whatever its time.
          skipping = false;
          if (timestamps) out.push(Buffer.from(`${now.time} `, 'latin1'));
          Object.assign(shown, now);
          continue;
        }
        const end = bytes.indexOf(NEWLINE, at);
        const piece = bytes.subarray(at, end < 0 ? bytes.length : end + 1);
        at += piece.length;
        const left = Math.max(0, seenBytes() - now.bytes);
        now.bytes += piece.length;
        if (piece.length > left) {
          out.push(left === 0 ? piece : piece.subarray(left));
          Object.assign(shown, now);
        }
        if (end >= 0) inHead = true;
      }
      return Buffer.concat(out);
    },
  };
}
