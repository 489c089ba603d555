/** Named folders that outlive the guests that use them. Names are data and never become part of a path. */
import type { Finding } from '../contract/host.ts';
import type { Pruned } from '../contract/image.ts';
import type { Volume } from '../contract/volume.ts';
import type { OperationContext } from '../drivers/driver.ts';
import type { ImageContent } from './fill.ts';

export interface VolumeStore {
  /** Reads the store; sweeps what a crash left half-made or half-removed. */
  load(): Promise<void>;
  list(): readonly Volume[];
  /** By id or name. Throws `not-found`. */
  get(ref: string): Volume;
  /** Throws `invalid` for an impossible name, `conflict` for one that is taken. */
  create(name: string, labels: Readonly<Record<string, string>>): Promise<Volume>;
  /** Makes a volume of this name unless there is one; answers the id of a new one, else null. */
  ensure(name: string, labels?: Readonly<Record<string, string>>): Promise<string | null>;
  /** Takes back what was made for a guest of this name; a volume that others use by now stays. */
  discard(ref: string, user: string): Promise<void>;
  /** One that goes with this guest; its name is its id. */
  createFor(guestId: string, volumeId: string): Promise<Volume>;
  /** Looks at the size anew. */
  inspect(ref: string): Promise<Volume>;
  /** Throws `conflict` while guests use it. */
  remove(ref: string): Promise<void>;
  /** Removes the volumes no guest uses; `dryRun` only says what would go. */
  prune(dryRun: boolean, keepNamed?: boolean): Promise<Pruned>;
  /**
   * Copies what an image has at a path into a volume that is empty and that no guest but `user` (its name) uses; does
   * nothing to any other. `onBegin`: it is such a one.
   */
  fill(ref: string, user: string, content: ImageContent, signal: AbortSignal, onBegin: () => void): Promise<void>;
  /** Makes an empty volume like another one, whose users write nothing meanwhile. */
  copy(from: string, to: string, operation: Pick<OperationContext, 'signal' | 'progress'>): Promise<void>;
  /** All of its data as a plain tar. */
  pack(ref: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Fills an empty volume from such a tar of unknown origin. Throws `bad-data`. */
  unpack(ref: string, source: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Absolute path of the folder with its data. Throws `not-found`. */
  path(ref: string): Promise<string>;
  /** Removes what goes with this guest. Idempotent. */
  removeOf(guestId: string): Promise<void>;
  /** Removes what goes with guests that are none of these; at start, when all guests are known. */
  sweep(guestIds: ReadonlySet<string>): Promise<void>;
  /** Told by the engine whenever guests come and go: names of guests by the name of the volume. */
  setUsers(users: ReadonlyMap<string, readonly string[]>): void;
  /** Volumes that are there and cannot be used; nothing when all is well. */
  doctor(): Promise<readonly Finding[]>;
  /** Called when one was made or removed, for the record of what happened. */
  onEvent: (action: 'create' | 'remove', volume: { readonly id: string; readonly name: string }) => void;
  /** Called whenever a volume appears, changes or goes. */
  onChange: (change: { volume: Volume } | { removed: string }) => void;
}
