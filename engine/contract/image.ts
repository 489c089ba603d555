/** What guests are made from: one store for containers and machines. */

/**
 * `rootfs`: a file tree, serves a container as its root and a machine as its disk (with the distribution's kernel).
 * `disk`: a machine's disk (qcow2 or raw). `iso`: a bootable medium.
 */
export type ImageKind = 'rootfs' | 'disk' | 'iso';

/** How a program of the image is started, after the OCI image configuration. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly string[];
  readonly workingDir: string;
  /** `user[:group]`, by name or number; empty: root. */
  readonly user: string;
  /** TCP ports the image says it serves, e.g. `[80]`. */
  readonly exposedPorts: readonly number[];
}

export interface Image {
  /** `sha256:` and 64 hex digits for a rootfs (over its layers), or of the file for a disk or ISO. */
  readonly id: string;
  /** `name:tag`, unique in the store. */
  readonly name: string;
  /** Further names of the same content. */
  readonly aliases: readonly string[];
  readonly kind: ImageKind;
  readonly createdAt: number;
  /** Bytes on the host's disk. */
  readonly sizeBytes: number;
  /** Where it came from, in words: `built here from Debian packages`, `imported from disk.qcow2`. */
  readonly origin: string;
  /** Only for `rootfs`. */
  readonly config: ImageConfig | null;
  /** Only for `disk`: size the guest sees, in bytes. */
  readonly virtualBytes: number | null;
  readonly architecture: string;
  /** Names of guests made from it; an image in use is not removed. */
  readonly usedBy: readonly string[];
}

/** What can be built here without any registry. */
export type BuilderName = 'busybox' | 'debian:12';
