/** What guests are made from: one store for containers and machines. */
import type { HealthCheck } from './guest.ts';

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
  /** Folders the image wants kept apart from its own files. */
  readonly volumes: readonly string[];
  /** null: `SIGTERM`. */
  readonly stopSignal: string | null;
  readonly health: HealthCheck | null;
  readonly labels: Readonly<Record<string, string>>;
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
  /** Of `sizeBytes`, what no other image of the store has too: what removing this one frees. */
  readonly ownBytes: number;
  /** Names of guests made from it; an image in use is not removed. */
  readonly usedBy: readonly string[];
}

/** What can be built here without any registry. */
export type BuilderName = 'busybox' | 'debian:12';

/** Where a Containerfile is built from. */
export interface ContainerBuild {
  /** Absolute path of the folder whose files the build may use. */
  readonly context: string;
  /** Absolute path; left out: `Containerfile`, else `Dockerfile`, in the context. */
  readonly containerfile?: string;
  /** Name of the new image. */
  readonly name: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** Stage to stop at. */
  readonly target?: string;
  /** Run every step anew. */
  readonly noCache?: boolean;
}

/** What a prune took away. */
export interface Pruned {
  /** Names, or ids of things without one. */
  readonly removed: readonly string[];
  readonly freedBytes: number;
}
