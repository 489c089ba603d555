/** An image from a registry on loopback, nothing of it here before. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { type LayerEntry, layerTar, writeDockerArchive } from '../../fixtures/image-archives.ts';
import { registryMissing, startRegistry } from '../../fixtures/registry.ts';
import type { Absent, Bench, Variant } from '../harness.ts';
import { makeBenchHome } from '../home.ts';
import { startDocker } from '../peers/docker.ts';
import { ownPodman } from '../peers/podman.ts';

const execute = promisify(execFile);
const LAYERS = 4;
const LAYER_BYTES = 40 * 1024 * 1024;

export const pull: Bench = {
  name: 'pull',
  about: `pull of an image of ${LAYERS} gzip layers of ${LAYER_BYTES / 1024 ** 2} MiB each (programs of this host) from docker-registry on loopback, unpacked; floor: inflate and SHA-256 (of both forms) of the same bytes in Node; skopeo does not unpack`,
  goals: [
    { of: 'ours/floor', atMost: 1.3 },
    { of: 'ours/peer', atMost: 1 },
  ],
  rounds: 5,
  warmups: 1,
  async prepare(context) {
    const missing = registryMissing();
    if (missing) return [{ role: 'ours', label: 'guesthouse pull', absent: missing }];
    const folder = join(context.folder, 'registry');
    await mkdir(folder);
    const registry = await startRegistry({ folder });
    context.defer('the registry', () => registry.end());
    context.say('makes the image');
    const archive = join(context.folder, 'image.tar');
    await writeDockerArchive(archive, await layersOfHost(), {});
    await registry.push(`docker-archive:${archive}`, 'bench');
    rmSync(archive);
    const name = `${registry.host}/bench:latest`;
    const blobs = storedLayers(join(folder, 'store'));

    const engine = await makeBenchHome(context, 'home').engine();
    const ours: Variant = {
      role: 'ours',
      label: 'guesthouse pull',
      async run() {
        const started = performance.now();
        const image = await engine.call('images.pull', { reference: name });
        const ms = performance.now() - started;
        await engine.call('images.remove', { image: image.id });
        return { ms };
      },
    };
    const floor: Variant = {
      role: 'floor',
      label: 'inflate + SHA-256 in Node',
      async run() {
        const started = performance.now();
        for (const path of blobs) {
          const stored = await readFile(path);
          createHash('sha256').update(stored).digest();
          createHash('sha256').update(gunzipSync(stored)).digest();
        }
        return { ms: performance.now() - started };
      },
    };
    const skopeo: Variant = {
      role: 'peer',
      label: 'skopeo copy to a folder (nothing unpacked)',
      async run() {
        const target = join(context.folder, 'skopeo');
        const words = [
          '--insecure-policy',
          'copy',
          '-q',
          '--src-tls-verify=false',
          `docker://${name}`,
          `dir:${target}`,
        ];
        const started = performance.now();
        await execute('skopeo', words);
        const ms = performance.now() - started;
        rmSync(target, { recursive: true });
        return { ms };
      },
    };
    const kept = `containers-storage:[overlay@${join(context.folder, 'skopeo-root')}+${join(context.folder, 'skopeo-run')}]bench`;
    // Its store is mounted onto itself.
    context.defer('the mount of skopeo', () =>
      execute('umount', ['-l', join(context.folder, 'skopeo-root', 'overlay')]).catch(() => {}),
    );
    const unpacking: Variant = {
      role: 'peer',
      label: 'skopeo copy to a store (unpacked)',
      async run() {
        const words = ['--insecure-policy', 'copy', '-q', '--src-tls-verify=false', `docker://${name}`, kept];
        const started = performance.now();
        await execute('skopeo', words);
        const ms = performance.now() - started;
        await execute('skopeo', ['delete', kept]);
        return { ms };
      },
    };
    const docker = await startDocker(context);
    const podman = await ownPodman(context);
    const all = [
      ours,
      floor,
      'absent' in docker ? peerless('docker pull', docker.absent) : puller(docker, ['pull', '-q', name], ['rmi', name]),
      'absent' in podman
        ? peerless('podman pull', podman.absent)
        : puller(podman, ['pull', '-q', '--tls-verify=false', name], ['rmi', name]),
      unpacking,
      skopeo,
    ];
    return all.map(afterSync);
  },
};

/** We make what we unpacked survive a loss of power; the others leave it to the kernel, and we would write theirs, too. */
function afterSync(variant: Variant | Absent): Variant | Absent {
  if ('absent' in variant) return variant;
  const run: Variant['run'] = async () => {
    await execute('sync');
    return variant.run();
  };
  return { ...variant, run };
}

const peerless = (label: string, absent: string): Absent => ({ role: 'peer', label, absent });

function puller(
  peer: { label: string; time(args: readonly string[]): Promise<number> },
  words: readonly string[],
  removal: readonly string[],
): Variant {
  return {
    role: 'peer',
    label: `${peer.label} pull`,
    async run() {
      const ms = await peer.time(words);
      await peer.time(removal);
      return { ms };
    },
  };
}

/** Real programs and libraries: neither as dense as random bytes nor as hollow as zeros. */
async function layersOfHost(): Promise<Buffer[]> {
  const files = ['/usr/bin', '/usr/sbin', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64']
    .flatMap((folder) => {
      try {
        return readdirSync(folder, { withFileTypes: true }).map((entry) => join(folder, entry.name));
      } catch {
        return [];
      }
    })
    .filter((path) => {
      const info = statSync(path, { throwIfNoEntry: false });
      return info?.isFile() && info.size > 0 && info.size < 8 * 1024 ** 2;
    });
  const layers: Buffer[] = [];
  for (let at = 0; at < LAYERS; at++) {
    const entries: LayerEntry[] = [];
    for (let bytes = 0; bytes < LAYER_BYTES; ) {
      const path = files.shift();
      if (path === undefined) throw new Error('This host has too few programs to make an image of.');
      const content = readFileSync(path);
      bytes += content.length;
      entries.push({ name: `layer${at}/${path.slice(1)}`, content, mode: 0o755 });
    }
    layers.push(await layerTar(entries));
  }
  return layers;
}

/** Files of the registry that hold a gzip stream. */
function storedLayers(store: string): string[] {
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .map((name) => join(store, name))
    .filter((path) => path.endsWith('/data') && readFileSync(path).readUInt16BE(0) === 0x1f8b);
}
