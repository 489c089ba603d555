/** An image of what a guest has become: the layers of its image, and one more. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageConfig } from '../contract/image.ts';
import { composeConfig, parseConfig } from './config.ts';
import { sha256Hex } from './digests.ts';
import type { MadeImage, Workshop } from './made.ts';
import { fullName } from './names.ts';
import { type Folders, type ImageRecord, idHex } from './records.ts';
import { requireLayerCount } from './usable.ts';

export interface Commit {
  /** Name of the new image. */
  readonly name: string;
  /** Name of the guest. */
  readonly guest: string;
  /** What it changed, as a plain OCI layer. */
  readonly layer: AsyncIterable<Uint8Array>;
  /** How programs of the new image are started. */
  readonly config: ImageConfig;
  readonly comment: string;
}

export async function commitImage(
  base: ImageRecord,
  commit: Commit,
  { work, layers, operation }: Workshop,
  folders: Folders,
): Promise<MadeImage> {
  const name = fullName(commit.name);
  requireLayerCount(base.layers.length + 1, commit.guest);
  operation.progress({ step: 'Reading what the guest changed', fraction: null });
  const layer = await layers.add(commit.layer, { work, signal: operation.signal });
  const diffIds = [...base.layers, layer.diffId];
  const blob = await readFile(join(folders.records, idHex(base.id), 'config.json')).catch(() =>
    composeConfig(commit.config, base.layers),
  );
  const configBlob = amendConfig(blob, commit.config, diffIds, {
    created: new Date().toISOString(),
    created_by: `guesthouse commit ${commit.guest}`,
    ...(commit.comment === '' ? {} : { comment: commit.comment }),
  });
  const { config, architecture } = parseConfig(configBlob);
  return {
    hex: sha256Hex(configBlob),
    kind: 'rootfs',
    name,
    origin: `made of the guest ${commit.guest}`,
    builder: null,
    architecture,
    config,
    layers: diffIds,
    disk: null,
    file: null,
    configBlob,
  };
}

/** As OCI writes it (image-spec, config.md, "history"). */
export interface HistoryEntry {
  readonly created: string;
  readonly created_by: string;
  readonly comment?: string;
}

/** The configuration of an image with one layer more. What the base says that we know nothing of stays. Pure. */
export function amendConfig(
  base: Uint8Array,
  config: ImageConfig,
  diffIds: readonly string[],
  entry: HistoryEntry,
): Buffer {
  const before = JSON.parse(Buffer.from(base).toString('utf8')) as Record<string, Record<string, unknown>>;
  const ours = JSON.parse(Buffer.from(composeConfig(config, diffIds)).toString('utf8')) as typeof before;
  // Docker's notes of a container that is not this one.
  const { container: _, container_config: __, history, ...rest } = before;
  const known = ['Entrypoint', 'Cmd', 'Env', 'WorkingDir', 'User', 'StopSignal', 'Healthcheck', 'Labels', 'Volumes'];
  const kept = Object.fromEntries(Object.entries(before.config ?? {}).filter(([key]) => !known.includes(key)));
  const ports = { ...(before.config?.ExposedPorts as object), ...(ours.config?.ExposedPorts as object) };
  return Buffer.from(
    JSON.stringify({
      ...rest,
      created: entry.created,
      config: { ...kept, ...ours.config, ...(Object.keys(ports).length > 0 ? { ExposedPorts: ports } : {}) },
      rootfs: ours.rootfs,
      history: [...(Array.isArray(history) ? history : []), entry],
    }),
  );
}
