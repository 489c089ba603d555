/** An image of a registry into the store: layers are fetched side by side and unpacked while they come. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GuesthouseError, toErrorShape } from '../../contract/errors.ts';
import { isSpaceError, requireSpace } from '../../host/space.ts';
import { parseConfig } from '../config.ts';
import { sha256Hex } from '../digests.ts';
import { download, partialPath } from '../fetch/partial.ts';
import { RETRY_POLICY, type RetryPolicy } from '../fetch/retry.ts';
import { createSlots, type Slots } from '../fetch/slots.ts';
import type { Turns } from '../fetch/turns.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { requireUsable } from '../usable.ts';
import { createRegistry, type Registry } from './client.ts';
import { type Found, findCredentials } from './credentials.ts';
import { refusedImage } from './failure.ts';
import type { LayerBlob } from './manifest.ts';
import type { Reference } from './reference.ts';
import { createTally, type Tally } from './tally.ts';

/** Layers fetched at the same time. */
const FETCHING = 3;
/** Layers fetched or unpacked at the same time: on a fast line unpacking is what takes long. */
const SIDE_BY_SIDE = 5;

export interface PullShop extends Workshop {
  /** Folder of blobs on their way. */
  readonly partials: string;
  /** One per store. */
  readonly turns: Turns;
  readonly policy?: RetryPolicy;
  readonly credentials?: Found;
}

interface WantedLayer extends LayerBlob {
  readonly diffId: string;
}

/** `places`: where it is asked for, one after the other: mirrors, and the registry itself last. */
export async function pullImage(
  places: readonly Reference[],
  options: { readonly insecure: boolean },
  shop: PullShop,
): Promise<MadeImage> {
  const refusals: string[] = [];
  for (const place of places.slice(0, -1)) {
    try {
      return await pullFrom(place, options, shop);
    } catch (error) {
      const { message } = toErrorShape(error);
      // A mirror may be down, incomplete or wrong; a full disk is so everywhere.
      if (shop.operation.signal.aborted || isSpaceError(error) || /^No space left/.test(message)) throw error;
      const refusal = `${place.host}, a mirror, did not do: ${message}`;
      refusals.push(refusal);
      shop.operation.log?.(refusal);
    }
  }
  return pullFrom(places.at(-1) as Reference, options, shop).catch((error) => {
    if (refusals.length === 0 || shop.operation.signal.aborted || !(error instanceof GuesthouseError)) throw error;
    // The registry itself may never have been meant to be reached.
    const { cause, ...rest } = toErrorShape(error);
    throw new GuesthouseError({ ...rest, cause: [...(cause ? [cause] : []), ...refusals].join('\n') });
  });
}

async function pullFrom(
  reference: Reference,
  { insecure }: { readonly insecure: boolean },
  shop: PullShop,
): Promise<MadeImage> {
  const { operation, layers, partials, policy = RETRY_POLICY } = shop;
  const { signal } = operation;
  const { name } = reference;
  operation.progress({ step: `Asking ${reference.host} for ${name}`, fraction: null });
  const found = shop.credentials ?? (await findCredentials(reference, signal));
  const registry = createRegistry({ reference, found, insecure, policy });
  try {
    const manifest = await registry.manifest(signal);
    const configBlob = await registry.read(manifest.config, signal);
    const parsed = parseConfig(configBlob);
    const { config, architecture, diffIds } = parsed;
    requireUsable(parsed, manifest.layers.length, name, (why) => refusedImage(name, why));

    const wanted = new Map<string, WantedLayer>();
    for (const [at, diffId] of diffIds.entries())
      if (!(await layers.has(diffId))) wanted.set(diffId, { ...(manifest.layers[at] as LayerBlob), diffId });
    const missing = [...wanted.values()];
    const bytesTotal = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    // Unpacked it is more, but not less.
    await requireSpace(partials, bytesTotal, `pulling ${name}`);
    const tally = createTally(missing.length, bytesTotal, operation.progress);
    const line = createSlots(FETCHING);
    await eachOf(missing, SIDE_BY_SIDE, signal, (layer, at, stop) =>
      shop.turns.take(layer.hex, stop, async () => {
        if (!(await layers.has(layer.diffId)))
          await fetchLayer(layer, {
            shop,
            registry,
            name,
            policy,
            tally,
            line,
            work: join(shop.work, String(at)),
            stop,
          });
        tally.layerDone();
      }),
    );
    for (const { hex } of manifest.layers)
      if (!shop.turns.isTaken(hex)) await rm(partialPath(partials, hex), { force: true });
    return {
      hex: sha256Hex(configBlob),
      kind: 'rootfs',
      name,
      origin: `pulled from ${reference.host}`,
      builder: null,
      architecture,
      config,
      layers: diffIds,
      disk: null,
      file: null,
      configBlob,
    };
  } finally {
    registry.close();
  }
}

interface LayerErrand {
  readonly shop: PullShop;
  readonly registry: Registry;
  readonly name: string;
  readonly policy: RetryPolicy;
  readonly tally: Tally;
  /** Whoever fetches has a slot of it. */
  readonly line: Slots;
  /** Of this layer alone; it need not exist. */
  readonly work: string;
  readonly stop: AbortSignal;
}

async function fetchLayer(layer: WantedLayer, errand: LayerErrand): Promise<void> {
  const before = await stat(partialPath(errand.shop.partials, layer.hex)).catch(() => null);
  try {
    await tryLayer(layer, errand);
  } catch (error) {
    if (layer.isForeign && error instanceof GuesthouseError && /lacks a layer/.test(error.message))
      throw withheld(errand.name);
    const isDamaged = error instanceof GuesthouseError && error.code === 'bad-data';
    // What an earlier pull left may have been damaged since; the whole may be good.
    if (!isDamaged || !before || before.size === 0) throw error;
    await rm(partialPath(errand.shop.partials, layer.hex), { force: true });
    await tryLayer(layer, errand);
  }
}

/** The registry has no such layer because it may not; where it may be had stands in its `urls`, which are not gone to. */
function withheld(name: string): GuesthouseError {
  return new GuesthouseError({
    code: 'unsupported',
    message: `A layer of ${name} may not be handed on by registries, and this one does not have it.`,
    subject: name,
    hint: 'Other places an image names are never gone to. Push it to a registry of your own with that layer.',
  });
}

/** Fetches and unpacks at once; when either fails the other is stopped. */
async function tryLayer(layer: WantedLayer, { shop, registry, name, policy, tally, line, work, stop }: LayerErrand) {
  const abort = new AbortController();
  const signal = AbortSignal.any([stop, abort.signal]);
  let fetchedBytes = 0;
  let unpackedBytes = 0;
  const leave = await line.enter(stop);
  const growing = await download({
    folder: shop.partials,
    blob: layer,
    what: 'layer',
    name,
    policy,
    signal,
    openAt: (from, etag) => registry.open(layer, from, etag, signal),
    onBytes(count) {
      fetchedBytes += count;
      tally.fetched(count);
    },
  }).catch((error) => {
    leave();
    throw error;
  });
  growing.done.then(leave, leave);
  const bytes = growing.read((count) => {
    unpackedBytes += count;
    tally.unpacked(count);
  });
  const damaged = refusedImage(name, 'a layer is damaged');
  const unpacking = shop.layers.add(bytes, { work, signal, expected: layer.diffId, damaged });
  try {
    await Promise.all([growing.done, unpacking]);
  } catch (error) {
    abort.abort(error);
    await Promise.allSettled([growing.done, unpacking]);
    tally.fetched(-fetchedBytes);
    tally.unpacked(-unpackedBytes);
    // The room it takes is what is missing.
    if (isSpaceError(error)) await rm(partialPath(shop.partials, layer.hex), { force: true });
    throw error;
  } finally {
    await growing.close();
  }
}

/** Runs `act` for all, `limit` at a time, in order; the first failure stops the others and is thrown when all ended. */
async function eachOf<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  act: (item: T, at: number, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const stop = AbortSignal.any([signal, abort.signal]);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && !stop.aborted) {
      const at = next++;
      await act(items[at] as T, at, stop).catch((error) => {
        failures.push(error);
        abort.abort(error);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}
