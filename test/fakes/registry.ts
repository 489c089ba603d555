/** A registry that serves what it is given and does what it is told: cut, stall, lie, send elsewhere. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { sha256 } from '../fixtures/image-archives.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly range: string | null;
}

/** True: it has answered (or never will). */
export type Trick = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FakeImage {
  readonly manifest: Record<string, unknown>;
  readonly config: string;
  /** Hex digests of the blobs as stored, bottom first. */
  readonly layers: readonly string[];
  readonly diffIds: readonly string[];
}

export interface FakeRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Every request, oldest first. */
  readonly seen: Seen[];
  readonly blobs: Map<string, Buffer>;
  /** By tag or `sha256:…`. */
  readonly manifests: Map<string, { bytes: Buffer; type: string; digest?: string }>;
  /** Asked before anything is answered. */
  trick: Trick | null;
  putImage(tag: string, layers: readonly Buffer[], options?: PutOptions): FakeImage;
  putManifest(tag: string, manifest: unknown, type?: string): string;
  /** Requests for this blob. */
  asked(hex: string): Seen[];
  end(): Promise<void>;
}

export interface PutOptions {
  readonly compress?: 'gzip' | 'zstd' | 'none';
  readonly docker?: boolean;
  readonly architecture?: string;
  /** Spoils what the configuration says of the layers. */
  readonly diffIds?: readonly string[];
}

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const HERE = process.arch === 'x64' ? 'amd64' : process.arch;

const SQUEEZE = {
  gzip: { pack: (bytes: Buffer) => gzipSync(bytes), oci: 'tar+gzip', docker: 'tar.gzip' },
  zstd: { pack: (bytes: Buffer) => zstdCompressSync(bytes), oci: 'tar+zstd', docker: 'tar.zstd' },
  none: { pack: (bytes: Buffer) => bytes, oci: 'tar', docker: 'tar' },
};

export async function startFakeRegistry(): Promise<FakeRegistry> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    registry.seen.push({
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? null,
      range: request.headers.range ?? null,
    });
    response.on('error', () => {});
    if (!registry.trick?.(request, response)) serve(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.url?.includes('/tags/list')) {
      const tags = [...registry.manifests.keys()].filter((tag) => !tag.startsWith('sha256:'));
      response.end(JSON.stringify({ name: 'of-this-fake', tags }));
      return;
    }
    const [, kind, ref = ''] = /\/(manifests|blobs)\/([^/?]+)$/.exec(request.url ?? '') ?? [];
    const manifest = kind === 'manifests' ? registry.manifests.get(ref) : undefined;
    if (manifest) {
      const digest = manifest.digest ?? `sha256:${sha256(manifest.bytes)}`;
      response.writeHead(200, { 'content-type': manifest.type, 'docker-content-digest': digest }).end(manifest.bytes);
      return;
    }
    const blob = kind === 'blobs' ? registry.blobs.get(ref.replace('sha256:', '')) : undefined;
    if (!blob) {
      refuse(response, 404, kind === 'manifests' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN');
      return;
    }
    sendBlob(request, response, blob);
  }

  const registry: FakeRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    blobs: new Map(),
    manifests: new Map(),
    trick: null,
    putImage(tag, layers, { compress = 'gzip', docker = false, architecture = HERE, diffIds } = {}) {
      const { pack, ...types } = SQUEEZE[compress];
      const put = (bytes: Buffer, mediaType: string) => {
        registry.blobs.set(sha256(bytes), bytes);
        return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
      };
      const ids = diffIds ?? layers.map((layer) => sha256(layer));
      const config = {
        architecture,
        os: 'linux',
        config: { Cmd: ['sh'] },
        rootfs: { type: 'layers', diff_ids: ids.map((hex) => `sha256:${hex}`) },
      };
      const layerType = docker ? `docker.image.rootfs.diff.${types.docker}` : `oci.image.layer.v1.${types.oci}`;
      const manifest = {
        schemaVersion: 2,
        mediaType: docker ? DOCKER_MANIFEST : OCI_MANIFEST,
        config: put(
          Buffer.from(JSON.stringify(config)),
          `application/vnd.${docker ? 'docker.container.image' : 'oci.image.config'}.v1+json`,
        ),
        layers: layers.map((layer) => put(pack(layer), `application/vnd.${layerType}`)),
      };
      registry.putManifest(tag, manifest, manifest.mediaType);
      const hex = ({ digest }: { digest: string }) => digest.replace('sha256:', '');
      return { manifest, config: hex(manifest.config), layers: manifest.layers.map(hex), diffIds: ids };
    },
    putManifest(tag, manifest, type = OCI_MANIFEST) {
      const bytes = Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
      const digest = `sha256:${sha256(bytes)}`;
      registry.manifests.set(tag, { bytes, type });
      registry.manifests.set(digest, { bytes, type });
      return digest;
    },
    asked: (hex) => registry.seen.filter(({ path }) => path.endsWith(hex)),
    async end() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return registry;
}

/** As a good registry sends a blob, ranges included. */
export function sendBlob(request: IncomingMessage, response: ServerResponse, blob: Buffer): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const etag = `"${sha256(blob)}"`;
  const part = blob.subarray(from);
  const range = { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` };
  const headers = { etag, 'content-length': part.length, ...(from > 0 ? range : {}) };
  response.writeHead(from > 0 ? 206 : 200, headers).end(part);
}

export function refuse(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}) {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(JSON.stringify({ errors: [{ code, message: `${code.toLowerCase()} \u001b[31m` }] }));
  return true;
}
