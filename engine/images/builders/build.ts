/** The images that are made here without any registry. */
import type { BuilderName } from '../../contract/image.ts';
import { composeConfig, hostArchitecture } from '../config.ts';
import { sha256Hex } from '../digests.ts';
import type { MadeImage, Workshop } from '../made.ts';
import { BUSYBOX_CONFIG, busyboxLayer, findBusybox } from './busybox.ts';
import { buildDebian } from './debian.ts';

export async function buildImage(builder: BuilderName, workshop: Workshop): Promise<MadeImage> {
  switch (builder) {
    case 'busybox':
      return buildBusybox(workshop);
    case 'debian:12':
      return buildDebian(workshop);
  }
}

async function buildBusybox({ work, layers, operation }: Workshop): Promise<MadeImage> {
  operation.progress({ step: 'Packing busybox', fraction: 0.1 });
  const busybox = await findBusybox(operation.signal);
  operation.progress({ step: 'Unpacking busybox', fraction: 0.5 });
  const layer = await layers.add(busyboxLayer(busybox), { work, signal: operation.signal });
  const configBlob = composeConfig(BUSYBOX_CONFIG, [layer.diffId]);
  return {
    hex: sha256Hex(configBlob),
    kind: 'rootfs',
    name: 'busybox:latest',
    origin: `built here from busybox ${busybox.version}`,
    builder: 'busybox',
    architecture: hostArchitecture(),
    config: BUSYBOX_CONFIG,
    layers: [layer.diffId],
    disk: null,
    file: null,
    configBlob,
  };
}
