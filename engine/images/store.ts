/** One store for everything guests are made from. */
import type { Catalogue } from '../contract/catalogue.ts';
import type { Finding } from '../contract/host.ts';
import type { BuilderName, ContainerBuild, Image, ImageConfig, Pruned } from '../contract/image.ts';
import type { OperationContext } from '../drivers/driver.ts';
import type { Commit } from './commit.ts';
import type { Converted, DiskFile } from './convert/disk-file.ts';
import type { Squeezed } from './import/detect.ts';
import type { PruneWhat } from './prune.ts';

/** How a machine boots from an image. */
export interface MachineImage {
  /** Read-only base of the guest's qcow2 overlay; the format is stored, never probed. */
  readonly disk: { readonly path: string; readonly format: 'qcow2' | 'raw'; readonly virtualBytes: number };
  /** Direct kernel boot for a rootfs image; null for a disk that has its own boot loader. */
  readonly boot: { readonly kernel: string; readonly initrd: string } | null;
  readonly config: ImageConfig | null;
}

export interface ImageStore {
  /** Reads the store; sweeps what a crash left half-made. */
  load(): Promise<void>;
  list(): readonly Image[];
  /** By id, unambiguous id prefix (at least 6 hex digits) or name (`:latest` may be left out). Throws `not-found`. */
  get(ref: string): Image;
  build(builder: BuilderName, operation: OperationContext): Promise<Image>;
  import(path: string, name: string | undefined, operation: OperationContext): Promise<Image>;
  /**
   * A disk of any program as a new file at `target`, checked and converted in a confined process. Answers the size a guest
   * sees. The file is the caller's.
   */
  convert(
    disk: DiskFile,
    target: string,
    to: Converted,
    operation: OperationContext,
  ): Promise<{ readonly virtualBytes: number }>;
  /** What a compressed file holds, as a new file at `target`. `shownPath`: its name for people. */
  unpack(
    from: { readonly path: string; readonly sizeBytes: number; readonly shownPath: string },
    kind: Squeezed,
    target: string,
    operation: OperationContext,
  ): Promise<void>;
  /**
   * From a registry, under the name as written. What was fetched before a failure is kept for a day and not fetched
   * again. `insecure`: any certificate, and http where there is no https.
   */
  pull(
    reference: string,
    options: { readonly insecure: boolean; readonly registry?: string | undefined },
    operation: OperationContext,
  ): Promise<Image>;
  /** What others offer, and where it may be fetched from. Throws `bad-data` when a person's own catalogue is damaged. */
  catalogue(): Promise<Catalogue>;
  /** By name; without its architecture, the host's own. What was fetched before a failure is kept for a day. */
  fetch(name: string, operation: OperationContext): Promise<Image>;
  /** Where a vendor's files are; null: what the catalogue or the host says. Throws `invalid`, `not-found`. */
  setMirror(vendor: string, address: string | null): Promise<void>;
  /** Gives an image a further name; another image that had it keeps the name it has left, as with `docker tag`. */
  tag(ref: string, name: string): Promise<Image>;
  /** Writes an archive to an absolute path of the host: named images under that name, others under all they have. */
  save(
    refs: readonly string[],
    path: string,
    format: 'docker' | 'oci',
    operation: OperationContext,
  ): Promise<{ readonly path: string; readonly sizeBytes: number }>;
  /** An image of what a guest has become. `imageId`: of the image the guest was made of. */
  commit(imageId: string, commit: Commit, operation: OperationContext): Promise<Image>;
  /**
   * From a Containerfile, through buildah, whose output goes to the operation's log. Base images are those of the store;
   * one that is not there is pulled.
   */
  buildContainer(wish: ContainerBuild, operation: OperationContext): Promise<Image>;
  /** Removes images no guest uses, what cut pulls left and what is kept of builds. `dryRun`: only says what would go. */
  prune(dryRun: boolean, what?: PruneWhat): Promise<Pruned>;
  /** Bytes on disk of all images together, and of what no image and no guest needs. */
  diskUse(): Promise<{ readonly imagesBytes: number; readonly leftBytes: number }>;
  /**
   * A name of an image that has several is taken off; the last name, or the id, removes the image. That throws
   * `conflict` while guests use it.
   */
  remove(ref: string): Promise<void>;
  /** Lower folders for an overlay, topmost first, and the image's configuration. Only for `rootfs`. */
  rootfs(imageId: string): Promise<{ readonly layers: readonly string[]; readonly config: ImageConfig }>;
  /**
   * Disk (made from the rootfs on first use, with progress) and kernel. For `rootfs` and `disk`. `diskGib`: how large
   * the file system of a rootfs is made (default 8 GiB, sparse); a disk image has the size it has.
   */
  machine(
    imageId: string,
    operation: OperationContext,
    options?: { readonly diskGib?: number | null },
  ): Promise<MachineImage>;
  /** Kernel and initial file system of the small machine that opens the disks of others. Throws `missing-tool`. */
  rescueBoot(operation: OperationContext): Promise<{ readonly kernel: string; readonly initrd: string }>;
  /** Path of the ISO file. */
  iso(imageId: string): Promise<string>;
  /** Told by the engine whenever guests come and go. */
  setUsers(users: ReadonlyMap<string, readonly string[]>): void;
  /** Images that are there and cannot be used; nothing when all is well. */
  doctor(): Promise<readonly Finding[]>;
  /** Called whenever an image appears, changes or goes. */
  onChange: (change: { image: Image } | { removed: string }) => void;
}
