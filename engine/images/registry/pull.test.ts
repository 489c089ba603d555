import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type FakeImage,
  type FakeRegistry,
  HERE,
  OCI_INDEX,
  OCI_MANIFEST,
  refuse,
  startFakeRegistry,
  type Trick,
} from '../../../test/fakes/registry.ts';
import { sha256 } from '../../../test/fixtures/image-archives.ts';
import type { ErrorShape, GuesthouseError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/operation.ts';
import { Undo } from '../../host/undo.ts';
import { decompressed } from '../archive/decompress.ts';
import { wrongDigest } from '../digests.ts';
import type { RetryPolicy } from '../fetch/retry.ts';
import { sweepPartials } from '../fetch/sweep-partials.ts';
import { createTurns } from '../fetch/turns.ts';
import type { Layer, Layers } from '../layers.ts';
import type { MadeImage } from '../made.ts';
import type { Found } from './credentials.ts';
import { type PullShop, pullImage } from './pull.ts';
import { parseReference } from './reference.ts';

const POLICY: RetryPolicy = { attempts: 3, baseDelayMs: 5, maxDelayMs: 20, maxAskedMs: 500, stallMs: 300 };
const NOBODY: Found = { credentials: null, notes: [] };

let folder: string;
let registry: FakeRegistry;
let image: FakeImage;
let steps: Progress[];
/** Layers that were unpacked, by diff id. */
let store: Map<string, Buffer>;
let shop: PullShop;
const content = () => [randomBytes(700_000), Buffer.alloc(2_000_000, 'same'), randomBytes(900_000)];

/** Keeps layers in memory and looks at their digest, as the real one does. */
function memoryLayers(): Layers {
  return {
    has: async (id: string) => store.has(id),
    async add(source: AsyncIterable<Uint8Array>, options: { expected: string; damaged: GuesthouseError }) {
      const { expected, damaged } = options;
      const parts: Uint8Array[] = [];
      for await (const part of decompressed(source, () => damaged)) parts.push(part);
      const whole = Buffer.concat(parts);
      if (sha256(whole) !== expected) throw wrongDigest('layer', expected, sha256(whole));
      store.set(expected, whole);
      return {} as Layer;
    },
  } as unknown as Layers;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-pull-'));
  registry = await startFakeRegistry();
  image = registry.putImage('1', content());
  steps = [];
  store = new Map();
  for (const name of ['partials', 'work']) mkdirSync(join(folder, name));
  shop = {
    work: join(folder, 'work'),
    cache: folder,
    partials: join(folder, 'partials'),
    layers: memoryLayers(),
    inside: {} as never,
    turns: createTurns(),
    operation: operation(),
    policy: POLICY,
    credentials: NOBODY,
  };
});
afterEach(async () => {
  await registry.end();
  rmSync(folder, { recursive: true, force: true });
});

function operation(signal = new AbortController().signal) {
  return { signal, undo: new Undo(), progress: (one: Progress) => steps.push(one) };
}
const pull = (ref = 'team/web:1', change: Partial<PullShop> = {}, insecure = false): Promise<MadeImage> =>
  pullImage([parseReference(`${registry.host}/${ref}`, null)], { insecure }, { ...shop, ...change });
const failure = async (act: Promise<unknown>): Promise<ErrorShape> =>
  act.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  );
const partials = () => readdirSync(shop.partials);
const isBlob = (at: number): ((request: { url?: string | undefined }) => boolean) => {
  const hex = image.layers[at] as string;
  return ({ url }) => url?.endsWith(hex) ?? false;
};
const blob = (at: number) => registry.blobs.get(image.layers[at] as string) as Buffer;
/** Plays a trick on one layer, the first `times`. */
const onLayer = (at: number, times: number, play: Trick): void => {
  let left = times;
  registry.trick = (request, response) => isBlob(at)(request) && left-- > 0 && play(request, response);
};

describe('a good registry', () => {
  test.each(['gzip', 'zstd', 'none'] as const)('%s layers, OCI and Docker', async (compress) => {
    for (const docker of [false, true]) {
      const layers = content();
      const { config, diffIds } = registry.putImage('x', layers, { compress, docker });
      const made = await pull('team/web:x');
      expect(made).toMatchObject({
        hex: config,
        name: `${registry.host}/team/web:x`,
        layers: diffIds,
        architecture: HERE,
      });
      expect(diffIds.map((id) => store.get(id)?.equals(layers[diffIds.indexOf(id)] as Buffer))).toEqual([
        true,
        true,
        true,
      ]);
    }
    expect(partials()).toEqual([]);
  });

  test('an index: the manifest of this host', async () => {
    const bytes = JSON.stringify(image.manifest);
    const entry = {
      mediaType: image.manifest.mediaType,
      digest: `sha256:${sha256(Buffer.from(bytes))}`,
      size: bytes.length,
    };
    const other = { ...entry, digest: `sha256:${'1'.repeat(64)}` };
    const platform = (architecture: string, os = 'linux') => ({ platform: { architecture, os } });
    const manifests = [
      { ...other, ...platform('s390x') },
      { ...entry, ...platform(HERE) },
      { ...other, ...platform('unknown', 'unknown') },
    ];
    const digest = registry.putManifest('all', { schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX);
    expect((await pull('team/web:all')).hex).toBe(image.config);
    expect((await pull(`team/web@${digest}`)).name).toBe(`${registry.host}/team/web@${digest}`);
    registry.putManifest('none', { schemaVersion: 2, manifests: manifests.slice(0, 1) }, OCI_INDEX);
    expect(await failure(pull('team/web:none'))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('linux/s390x'),
    });
  });

  test('tells how far it is', async () => {
    await pull();
    const fractions = steps.map(({ fraction }) => fraction ?? 0);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    const total = image.layers.reduce((sum, hex) => sum + (registry.blobs.get(hex)?.length ?? 0), 0);
    expect(steps.at(-1)).toMatchObject({ fraction: 1, bytesDone: total, bytesTotal: total });
    expect(steps.at(-1)?.step).toMatch(/layers, 3 of 3 done/);
  });

  test('layers in the store are not fetched, and two pulls at once fetch each once', async () => {
    const [one, two] = await Promise.all([pull(), pull()]);
    expect(one.hex).toBe(two.hex);
    for (const hex of image.layers) expect(registry.asked(hex)).toHaveLength(1);
    await pull();
    for (const hex of image.layers) expect(registry.asked(hex)).toHaveLength(1);
    expect(partials()).toEqual([]);
  });
});

describe('a connection that is cut', () => {
  const cut: Trick = (request, response) => {
    const from = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
    const whole = registry.blobs.get((request.url ?? '').slice(-64)) as Buffer;
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': whole.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
    });
    response.write(whole.subarray(from, from + 300_000), () => setTimeout(() => request.socket.destroy(), 30));
    return true;
  };

  test('is taken up again where it was', async () => {
    onLayer(0, 2, cut);
    await pull();
    expect(registry.asked(image.layers[0] as string).map(({ range }) => range)).toEqual([
      null,
      'bytes=300000-',
      'bytes=600000-',
    ]);
  });

  test('again and again: what came is kept, and the next pull goes on from there', async () => {
    onLayer(2, 1, cut);
    const play = registry.trick as Trick;
    registry.trick = (request, response) =>
      play(request, response) || (isBlob(2)(request) && refuse(response, 500, 'BROKEN'));
    expect(await failure(pull())).toMatchObject({ code: 'resources' });
    expect(partials()).toContain(image.layers[2]);
    const { size } = statSync(join(shop.partials, image.layers[2] as string));
    expect(size).toBe(300_000);
    registry.trick = null;
    registry.seen.length = 0;
    await pull();
    expect(registry.asked(image.layers[2] as string)).toMatchObject([{ range: `bytes=${size}-` }]);
    expect(partials()).toEqual([]);
  });

  test('and a registry that knows no ranges', async () => {
    onLayer(0, 2, (request, response) => {
      if (!request.headers.range) return cut(request, response);
      response.writeHead(200).end(blob(0));
      return true;
    });
    await pull();
    expect(store.size).toBe(3);
  });

  test('what was kept has been damaged: it is fetched anew, once', async () => {
    writeFileSync(join(shop.partials, image.layers[0] as string), Buffer.alloc(1000, 'x'));
    await pull();
    expect(registry.asked(image.layers[0] as string).map(({ range }) => range)).toEqual(['bytes=1000-', null]);
    writeFileSync(join(shop.partials, image.layers[1] as string), Buffer.alloc(9_000_000));
    store.clear();
    await pull();
    expect(store.size).toBe(3);
  });

  test('silence is cut too, and told as such', async () => {
    onLayer(0, 9, (_, response) => {
      response.writeHead(200, { 'content-length': blob(0).length }).write(blob(0).subarray(0, 1000));
      return true;
    });
    expect(await failure(pull())).toMatchObject({ code: 'timeout', message: expect.stringContaining('silent') });
    registry.trick = () => true;
    expect(await failure(pull())).toMatchObject({ code: 'timeout' });
  });

  test('a byte now and then is no progress', async () => {
    onLayer(0, 9, (_, response) => {
      response.writeHead(200, { 'content-length': blob(0).length });
      let at = 0;
      const drip = setInterval(() => response.write(blob(0).subarray(at, ++at)), 20);
      return !!response.on('close', () => clearInterval(drip));
    });
    const policy = { ...POLICY, stallMs: 60 };
    expect(await failure(pull('team/web:1', { policy }))).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('too slowly'),
    });
  });
});

describe('refused, leaving nothing', () => {
  test('a blob that is another', async () => {
    onLayer(0, 9, (_, response) => !!response.writeHead(200).end(Buffer.alloc(blob(0).length, 'x')));
    const error = await failure(pull());
    expect(error).toMatchObject({ code: 'bad-data' });
    expect(partials()).not.toContain(image.layers[0]);
  });

  test('a blob that ends too early, or is announced with another size', async () => {
    onLayer(0, 9, (request, response) => {
      response.writeHead(
        request.headers.range ? 206 : 200,
        request.headers.range ? { 'content-range': `bytes 5-5/${blob(0).length}` } : {},
      );
      response.end(blob(0).subarray(0, 5));
      return true;
    });
    expect(await failure(pull())).toMatchObject({ code: 'bad-data' });
    store.clear();
    rmSync(join(shop.partials, image.layers[1] as string), { force: true });
    onLayer(1, 9, (_, response) => !!response.writeHead(200, { 'content-length': 10 }).end('0123456789'));
    expect(await failure(pull())).toMatchObject({ code: 'bad-data', message: expect.stringContaining('another size') });
  });

  test('a blob that never ends is read no further than its size', async () => {
    let sent = 0;
    const endless =
      (first: Buffer): Trick =>
      (request, response) => {
        response.writeHead(200).write(first);
        const more = () => {
          while (!response.destroyed && sent < 200_000_000) {
            sent += 100_000;
            if (!response.write(Buffer.alloc(100_000))) return response.once('drain', more);
          }
        };
        more();
        return !!request;
      };
    onLayer(0, 9, endless(Buffer.alloc(1000, 'y')));
    expect(await failure(pull())).toMatchObject({ code: 'bad-data' });
    expect(sent).toBeLessThan(30_000_000);
    // What it should be, and then more: what it should be is all that is read.
    onLayer(0, 9, endless(blob(0)));
    await pull();
    expect(sent).toBeLessThan(60_000_000);
  });

  test('layers that are no archive, or not what the configuration says', async () => {
    const [hex] = image.layers as [string];
    const spoiled = Buffer.from(blob(0));
    spoiled.fill(1, 100, 5000);
    registry.blobs.set(sha256(spoiled), spoiled);
    const [layer, ...rest] = image.manifest.layers as { digest: string }[];
    registry.putManifest('2', {
      ...image.manifest,
      layers: [{ ...layer, digest: `sha256:${sha256(spoiled)}` }, ...rest],
    });
    expect(await failure(pull('team/web:2'))).toMatchObject({ code: 'bad-data' });
    registry.putImage('3', content(), { diffIds: [...image.diffIds.slice(1), hex] });
    expect(await failure(pull('team/web:3'))).toMatchObject({ code: 'bad-data' });
    registry.putImage('4', content(), { diffIds: image.diffIds.slice(1) });
    expect(await failure(pull('team/web:4'))).toMatchObject({ code: 'bad-data' });
    registry.putImage('5', content(), { architecture: 's390x' });
    expect(await failure(pull('team/web:5'))).toMatchObject({ code: 'unsupported' });
  });

  test('a manifest that is another, too large, or lies about its digest', async () => {
    const other = `sha256:${'2'.repeat(64)}`;
    const here = registry.manifests.get('1') as { bytes: Buffer; type: string };
    registry.manifests.set(other, here);
    expect(await failure(pull(`team/web@${other}`))).toMatchObject({ code: 'bad-data' });
    registry.manifests.set('lie', { ...here, digest: other });
    expect(await failure(pull('team/web:lie'))).toMatchObject({ code: 'bad-data' });
    for (const digest of ['sha256:../../../etc/passwd', 'md5:1', `sha512:${'0'.repeat(128)}`]) {
      registry.manifests.set('odd', { ...here, digest });
      expect(await failure(pull('team/web:odd'))).toMatchObject({ code: 'bad-data' });
    }
    registry.putManifest('huge', { ...image.manifest, annotations: { x: 'x'.repeat(5_000_000) } });
    expect(await failure(pull('team/web:huge'))).toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('does not end'),
    });
    const { config } = image.manifest as { config: { size: number } };
    registry.putManifest('short', { ...image.manifest, config: { ...config, size: config.size - 1 } });
    expect(await failure(pull('team/web:short'))).toMatchObject({ code: 'bad-data' });
  });

  test('answers that say no, with as many tries as make sense', async () => {
    const tries: Record<number, [string, number]> = {
      401: ['denied', 1],
      403: ['denied', 1],
      404: ['not-found', 1],
      418: ['bad-data', 1],
      429: ['resources', 3],
      500: ['resources', 3],
      503: ['resources', 3],
    };
    for (const [status, [code, count]] of Object.entries(tries)) {
      registry.seen.length = 0;
      registry.trick = (_, response) => refuse(response, Number(status), 'NO');
      const error = await failure(pull());
      expect(error).toMatchObject({ code, cause: expect.stringContaining(`${status}: no`) });
      expect(error.cause).not.toContain('\u001b');
      expect(registry.seen).toHaveLength(count);
    }
    registry.seen.length = 0;
    registry.trick = (_, response) => refuse(response, 429, 'NO', { 'retry-after': '3600' });
    expect(await failure(pull())).toMatchObject({ cause: expect.stringContaining('It asks to wait 60 min.') });
    expect(registry.seen).toHaveLength(1);
    let left = 1;
    registry.trick = (_, response) => left-- > 0 && refuse(response, 429, 'NO', { 'retry-after': '0' });
    await pull();
  });

  test('what is no registry at all', async () => {
    registry.trick = (_, response) => !!response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    expect(await failure(pull())).toMatchObject({ code: 'bad-data', message: expect.stringContaining('not JSON') });
  });

  test('a cancellation: only what can be gone on with stays, until it is a day old', async () => {
    const abort = new AbortController();
    const kept = join(shop.partials, image.layers[2] as string);
    onLayer(2, 1, (_, response) => {
      response.writeHead(200, { 'content-length': blob(2).length }).write(blob(2).subarray(0, 600_000));
      let sent = 600_000;
      const look = setInterval(() => {
        // What came is written when more comes.
        response.write(blob(2).subarray(sent, ++sent));
        if ((statSync(kept, { throwIfNoEntry: false })?.size ?? 0) < 500_000) return;
        clearInterval(look);
        abort.abort();
      }, 50);
      return true;
    });
    // Nothing counts as silence here, however busy the machine is.
    const policy = { ...POLICY, stallMs: 20_000 };
    await failure(pull('team/web:1', { policy, operation: operation(abort.signal) }));
    expect(statSync(kept).size).toBeGreaterThanOrEqual(500_000);
    await sweepPartials(shop.partials, shop.turns);
    expect(existsSync(kept)).toBe(true);
    const before = Date.now() / 1000 - 25 * 3600;
    utimesSync(kept, before, before);
    await sweepPartials(shop.partials, shop.turns);
    expect(existsSync(kept)).toBe(false);
  });
});

describe('who we are', () => {
  const ann: Found = { credentials: { kind: 'password', user: 'ann', password: 'x:y' }, notes: [] };
  const BASIC = `Basic ${Buffer.from('ann:x:y').toString('base64')}`;
  let valid: string;
  /** Wants tokens and gives them; `tokens`: how each was asked for. */
  function withTokens(realm = `http://${registry.host}/token`) {
    const tokens: { method?: string | undefined; url?: string | undefined; authorization?: string | undefined }[] = [];
    valid = 'first';
    registry.trick = (request, response) => {
      const { url, method, headers } = request;
      if (url?.startsWith('/token')) {
        tokens.push({ method, url, authorization: headers.authorization });
        return !!response.end(JSON.stringify({ token: valid }));
      }
      if (headers.authorization === `Bearer ${valid}`) return false;
      const challenge = `Bearer realm="${realm}",service="a service",scope="repository:team/web:pull"`;
      return refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': challenge });
    };
    return tokens;
  }

  test('nobody, by token', async () => {
    const tokens = withTokens();
    await pull();
    expect(tokens).toEqual([
      { method: 'GET', url: '/token?service=a+service&scope=repository%3Ateam%2Fweb%3Apull', authorization: undefined },
    ]);
  });

  test('somebody, by token; a token that ends is fetched anew once for all', async () => {
    const tokens = withTokens();
    const play = registry.trick as Trick;
    registry.trick = (request, response) => {
      if (request.url?.includes('/blobs/') && valid === 'first' && !request.url.endsWith(image.config))
        valid = 'second';
      return play(request, response);
    };
    await pull('team/web:1', { credentials: ann });
    expect(tokens.map(({ authorization }) => authorization)).toEqual([BASIC, BASIC]);
    expect(
      registry.seen.filter(({ path }) => !path.startsWith('/token')).every((it) => it.authorization !== BASIC),
    ).toBe(true);
  });

  test('by refresh token, and by a token that is there', async () => {
    const tokens = withTokens();
    await pull('team/web:1', { credentials: { credentials: { kind: 'identity', token: 'r' }, notes: [] } });
    expect(tokens).toMatchObject([{ method: 'POST', url: '/token', authorization: undefined }]);
    store.clear();
    await pull('team/web:1', { credentials: { credentials: { kind: 'bearer', token: 'first' }, notes: [] } });
    expect(tokens).toHaveLength(1);
  });

  test('by password; a wrong one is tried once', async () => {
    const challenge = { 'www-authenticate': 'Basic realm="x"' };
    registry.trick = ({ headers }, response) =>
      headers.authorization !== BASIC && refuse(response, 401, 'NO', challenge);
    await pull('team/web:1', { credentials: ann });
    registry.seen.length = 0;
    registry.trick = (_, response) => refuse(response, 401, 'NO', challenge);
    expect(await failure(pull('team/web:1', { credentials: ann }))).toMatchObject({
      code: 'denied',
      message: expect.stringContaining('to ann'),
      hint: expect.stringContaining('podman login'),
    });
    expect(registry.seen).toHaveLength(2);
    const unread: Found = { credentials: null, notes: ['/x could not be read (EACCES).'] };
    expect((await failure(pull('team/web:1', { credentials: unread }))).cause).toMatch(/answered 401.*\. \/x could/);
  });

  test('a token server that is not encrypted or no server is not asked', async () => {
    for (const realm of ['http://token.example/x', 'file:///etc/passwd', '', 'http://u:p@127.0.0.1/']) {
      withTokens(realm);
      expect(await failure(pull('team/web:1', { credentials: ann }))).toMatchObject({
        code: 'denied',
        message: expect.stringContaining('not trusted'),
      });
    }
  });

  test('is not told to another host a blob is fetched from', async () => {
    const elsewhere = await startFakeRegistry();
    try {
      for (const [hex, bytes] of registry.blobs) elsewhere.blobs.set(hex, bytes);
      withTokens();
      const play = registry.trick as Trick;
      registry.trick = (request, response) => {
        if (play(request, response)) return true;
        if (!request.url?.includes('/blobs/')) return false;
        return !!response.writeHead(307, { location: `http://${elsewhere.host}${request.url}` }).end();
      };
      await pull('team/web:1', { credentials: ann });
      expect(elsewhere.seen).toHaveLength(4);
      expect(elsewhere.seen.every(({ authorization }) => authorization === null)).toBe(true);
    } finally {
      await elsewhere.end();
    }
  });

  test('redirects that lead nowhere good', async () => {
    for (const location of ['http://example.invalid/x', 'file:///etc/passwd', 'ftp://127.0.0.1/', '']) {
      onLayer(0, 9, (_, response) => !!response.writeHead(302, { location }).end());
      expect(await failure(pull())).toMatchObject({ code: 'bad-data' });
    }
    onLayer(0, 99, ({ url }, response) => !!response.writeHead(302, { location: url }).end());
    expect(await failure(pull())).toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('place to place'),
    });
  });

  test('`urls` of a layer are not gone to', async () => {
    const elsewhere = await startFakeRegistry();
    const layers = (image.manifest.layers as object[]).map((layer) => ({
      ...layer,
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      urls: [`http://${elsewhere.host}/layer`],
    }));
    registry.putManifest('foreign', { ...image.manifest, layers });
    await pull('team/web:foreign');
    store.clear();
    registry.blobs.delete(image.layers[1] as string);
    expect(await failure(pull('team/web:foreign'))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('may not be handed on'),
    });
    expect(elsewhere.seen).toEqual([]);
    await elsewhere.end();
  });
});

describe('an image may be found', () => {
  const entryOf = (bytes: Buffer, mediaType: unknown, more: object = {}) => ({
    mediaType,
    digest: `sha256:${sha256(bytes)}`,
    size: bytes.length,
    ...more,
  });
  const platform = { platform: { architecture: HERE, os: 'linux' } };
  const index = (...manifests: object[]) => ({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
  const nested = (inner: object, more: object = {}) => {
    registry.putManifest('inner', inner, OCI_INDEX);
    return index(entryOf(Buffer.from(JSON.stringify(inner)), OCI_INDEX, more));
  };

  test('behind an index within an index, but not endlessly', async () => {
    const leaf = entryOf(Buffer.from(JSON.stringify(image.manifest)), image.manifest.mediaType, platform);
    let document = index(leaf);
    for (let depth = 0; depth < 3; depth++) document = nested(document);
    registry.putManifest('nested', document, OCI_INDEX);
    expect((await pull('team/web:nested')).layers).toEqual(image.diffIds);
    registry.putManifest('deeper', nested(document), OCI_INDEX);
    expect(await failure(pull('team/web:deeper'))).toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('too deeply'),
    });
    // A broad one, too.
    const many = Array.from({ length: 20 }, (_, at) => {
      const inner = { ...index(leaf), annotations: { at: String(at) } };
      registry.putManifest(`broad${at}`, inner, OCI_INDEX);
      return entryOf(Buffer.from(JSON.stringify(inner)), OCI_INDEX);
    });
    registry.putManifest('broad', index(...many), OCI_INDEX);
    expect(await failure(pull('team/web:broad'))).toMatchObject({ code: 'bad-data' });
    // What is called an index must be one.
    registry.putManifest('liar', index({ ...leaf, mediaType: OCI_INDEX }), OCI_INDEX);
    expect(await failure(pull('team/web:liar'))).toMatchObject({ code: 'bad-data' });
  });

  test('by sha512', async () => {
    const hash = (bytes: Buffer) => `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    const renamed = (one: { digest: string }) => {
      const bytes = registry.blobs.get(one.digest.slice('sha256:'.length)) as Buffer;
      registry.blobs.set(hash(bytes), bytes);
      return { ...one, digest: hash(bytes) };
    };
    const manifest = image.manifest as { config: { digest: string }; layers: { digest: string }[] };
    const other = { ...image.manifest, config: renamed(manifest.config), layers: manifest.layers.map(renamed) };
    const bytes = Buffer.from(JSON.stringify(other));
    registry.manifests.set(hash(bytes), { bytes, type: OCI_MANIFEST, digest: hash(bytes) });
    const made = await pull(`team/web@${hash(bytes)}`);
    expect(made).toMatchObject({ hex: image.config, layers: image.diffIds });
    expect(partials()).toEqual([]);
    store.clear();
    const [first] = other.layers as [{ digest: string }];
    registry.blobs.set(first.digest, Buffer.alloc(blob(0).length, 'x'));
    expect(await failure(pull(`team/web@${hash(bytes)}`))).toMatchObject({
      code: 'bad-data',
      cause: expect.stringContaining('sha512:'),
    });
  });

  test('at a mirror; where that will not do, at its registry', async () => {
    const mirror = await startFakeRegistry();
    const own = parseReference(`${registry.host}/team/web:1`, null);
    const near = { ...own, host: mirror.host, apiHost: mirror.host, repository: 'hub/team/web' };
    const both = (change: Partial<PullShop> = {}) =>
      pullImage([near, own], { insecure: false }, { ...shop, ...change });
    const lines: string[] = [];
    const context = { ...operation(), log: (line: string) => lines.push(line) };

    expect((await both({ operation: context })).layers).toEqual(image.diffIds);
    expect(lines.join()).toContain(`${mirror.host}, a mirror, did not do`);
    store.clear();

    for (const [hex, bytes] of registry.blobs) mirror.blobs.set(hex, bytes);
    mirror.putManifest('1', image.manifest);
    registry.seen.length = 0;
    expect(await both()).toMatchObject({ name: own.name, layers: image.diffIds });
    expect(registry.seen).toEqual([]);
    expect(mirror.seen.every(({ path }) => path.startsWith('/v2/hub/team/web/'))).toBe(true);
    store.clear();

    // One that lacks a layer in the middle of it: the others are not fetched again.
    mirror.blobs.delete(image.layers[2] as string);
    expect((await both()).layers).toEqual(image.diffIds);
    await mirror.end();
    expect((await both()).layers).toEqual(image.diffIds);
    store.clear();
    registry.trick = (_, response) => refuse(response, 404, 'NO');
    expect(await failure(both())).toMatchObject({
      code: 'not-found',
      cause: expect.stringMatching(/404: no[\s\S]*\n127.*, a mirror, did not do: Nothing answers/),
    });
  });
});
