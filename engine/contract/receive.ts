/** Files whose bytes a window has, and no path of the host: the part of `EngineStreams` that takes them in. */
import type { Guest } from './guest.ts';
import type { Image } from './image.ts';

export interface ReceiveStreams {
  /**
   * The bytes of a file, which becomes what `images.import` or `guests.import` makes of it. Closed before `stdin-end`
   * nothing stays; afterwards it is an operation like theirs, which goes on without the stream. `name`: the file's, without
   * folders. Throws `resources` when the disk has no room for it.
   */
  receive: {
    args: { name: string; sizeBytes: number; as: 'image' | 'guest' };
    control: { type: 'stdin-end' };
    opened: { name: string };
    end: { made: 'image'; image: Image } | { made: 'guest'; guest: Guest };
  };
}
