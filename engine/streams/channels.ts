/** Which output (stdout or stderr) each byte of a non-terminal session came from, by absolute offset. */

export type Channel = 'stdout' | 'stderr';

/**
 * Changes of channel remembered at most. A program that alternates byte by byte for longer loses the oldest marks:
 * the replay then shows old bytes under the wrong channel, never live ones.
 */
const MAX_CHANGES = 65_536;

export interface Channels {
  /** Bytes from this offset on belong to `channel`. Offsets never fall. */
  note(offset: number, channel: Channel): void;
  /** The channel of the byte at `offset`, and the offset where it changes next (Infinity: not yet). */
  at(offset: number): { readonly channel: Channel; readonly until: number };
  /** How often the channel changes after `offset`. */
  changesAfter(offset: number): number;
  /** Forgets what only concerns bytes before `offset`. */
  prune(offset: number): void;
}

export function createChannels(): Channels {
  let offsets: number[] = [];
  let channels: Channel[] = [];

  /** Index of the first change after `offset`. */
  const following = (offset: number): number => {
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const drop = (count: number) => {
    offsets = offsets.slice(count);
    channels = channels.slice(count);
  };

  return {
    note(offset, channel) {
      if ((channels.at(-1) ?? 'stdout') === channel) return;
      offsets.push(offset);
      channels.push(channel);
      if (offsets.length > MAX_CHANGES) drop(MAX_CHANGES / 2);
    },
    at(offset) {
      const next = following(offset);
      const until = offsets[next] ?? Number.POSITIVE_INFINITY;
      // Before the first change known: the other of what it changed to.
      const first: Channel = channels[0] === 'stdout' ? 'stderr' : 'stdout';
      return { channel: next > 0 ? (channels[next - 1] as Channel) : first, until };
    },
    changesAfter: (offset) => offsets.length - following(offset),
    prune(offset) {
      const gone = following(offset) - 1;
      // Not one by one: each removal moves the whole list.
      if (gone > 1024) drop(gone);
    },
  };
}
