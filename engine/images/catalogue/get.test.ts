/** An image of a mirror on loopback that does what it is told: serve, cut, stall, lie, send elsewhere. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MirrorTrick, serveFile, startMirror, sumOf, type TestMirror } from '../../../test/fixtures/mirror.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import type { Progress } from '../../contract/operation.ts';
import { Undo } from '../../host/undo.ts';
import type { RetryPolicy } from '../fetch/retry.ts';
import { createTurns } from '../fetch/turns.ts';
import type { DocumentImage } from './document.ts';
import { type GetShop, type Got, getImage } from './get.ts';
import type { KnownVendor } from './read.ts';

const POLICY: RetryPolicy = { attempts: 3, baseDelayMs: 5, maxDelayMs: 20, maxAskedMs: 500, stallMs: 300 };
const IMAGE: DocumentImage = {
  name: 'x-cloud-amd64',
  title: 'X',
  distribution: 'other',
  version: '1',
  architecture: 'x86_64',
  kind: 'cloud',
  vendor: 'x',
  path: 'latest/x-1*.raw',
  sums: ['latest/SHA256SUMS'],
};

let folder: string;
let mirror: TestMirror;
let disk: Buffer;
let steps: Progress[];
let shop: GetShop;

/** Three megabytes that begin as a disk does, all different. */
function makeDisk(): Buffer {
  const bytes = Buffer.alloc(3_000_000, 'a disk of no system at all, ');
  for (let at = 512; at + 4 < bytes.length; at += 1024) bytes.writeUInt32LE(at, at);
  bytes[0] = 0xeb;
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gh-get-'));
  mirror = await startMirror();
  disk = makeDisk();
  mirror.files.set('latest/x-1.2.raw', disk);
  mirror.files.set('latest/SHA256SUMS', Buffer.from(`${sumOf(disk)}  x-1.2.raw\n${'0'.repeat(64)}  x-1.1.raw\n`));
  steps = [];
  for (const name of ['partials', 'work']) mkdirSync(join(folder, name));
  shop = {
    home: folder,
    work: join(folder, 'work'),
    cache: folder,
    partials: join(folder, 'partials'),
    layers: {} as never,
    inside: {} as never,
    turns: createTurns(),
    operation: operation(),
    policy: POLICY,
    known: () => null,
  };
});
afterEach(async () => {
  await mirror.end();
  rmSync(folder, { recursive: true, force: true });
});

function operation(signal = new AbortController().signal) {
  return { signal, undo: new Undo(), progress: (one: Progress) => steps.push(one) };
}
const vendor = (change: Partial<KnownVendor> = {}): KnownVendor => ({
  name: 'x',
  title: 'Vendor X',
  keys: [],
  mirrors: [mirror.url],
  chosenBy: 'person',
  ...change,
});
let turn = 0;
const get = (image: Partial<DocumentImage> = {}, change: Partial<GetShop> = {}, by = vendor()): Promise<Got> => {
  // Each try has a work folder of its own, as in the store.
  const work = join(folder, 'work', String(turn++));
  mkdirSync(work);
  return getImage({ ...IMAGE, ...image }, by, { ...shop, work, ...change });
};
const failure = async (act: Promise<unknown>): Promise<ErrorShape> =>
  act.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  );
const partials = () => readdirSync(shop.partials);
const ranges = () => mirror.seen.filter(({ path }) => path.endsWith('.raw')).map(({ range }) => range);
/** Plays a trick on the image's body (not on the question how large it is), the first `times`. */
const onBody = (times: number, play: MirrorTrick): void => {
  let left = times;
  mirror.trick = (request, response) =>
    (request.url ?? '').endsWith('.raw') &&
    request.headers.range !== 'bytes=0-0' &&
    left-- > 0 &&
    play(request, response);
};
const cutAfter =
  (bytes: number): MirrorTrick =>
  (_, response) => {
    response.writeHead(200, { 'content-length': disk.length });
    response.write(disk.subarray(0, bytes), () => response.destroy());
    return true;
  };

describe('a good mirror', () => {
  test('the newest that fits, whole, right, and nothing but it is left', async () => {
    const got = await get();
    if (!('made' in got)) return expect.fail();
    const { made } = got;
    expect(made).toMatchObject({ name: 'x-cloud-amd64:latest', kind: 'disk', architecture: 'amd64' });
    expect(made.hex).toBe(sumOf(disk));
    expect(made.fetched).toBe(sumOf(disk));
    expect(made.origin).toMatch(
      /^fetched from 127\.0\.0\.1:\d+, SHA-256 right, its signature was not checked: .*signs none/,
    );
    expect(readFileSync(made.file?.path as string).equals(disk)).toBe(true);
    expect(partials()).toEqual([]);
    const told = steps.filter(({ step }) => step.startsWith('Fetching'));
    expect(told.at(-1)?.bytesTotal).toBe(disk.length);
    expect(told.at(-1)?.bytesDone).toBe(disk.length);
  });

  test('sha512, and a chain of lists of which each vouches for the next', async () => {
    const sums = Buffer.from(`${sumOf(disk, 'sha512')}  ./latest/x-1.2.raw\n`);
    mirror.files.set('SUMS', sums);
    mirror.files.set('Release', Buffer.from(`SHA256:\n ${sumOf(sums)} ${sums.length} SUMS\n`));
    const got = await get({ sums: ['Release', 'SUMS'] });
    expect('made' in got && got.made.origin).toMatch(/SHA-512 right/);
    mirror.files.set('SUMS', Buffer.from(`${sums} `));
    expect((await failure(get({ sums: ['Release', 'SUMS'] }))).message).toMatch(
      /list of checksums .* is not what it should be/,
    );
  });

  test('what is here already is not fetched', async () => {
    expect(await get({}, { known: (hex) => (hex === sumOf(disk) ? 'sha256:there' : null) })).toEqual({
      known: 'sha256:there',
      origin: null,
    });
    expect(ranges()).toEqual([]);
  });

  test('a name and a password in the address are sent there and not shown', async () => {
    const url = new URL(mirror.url);
    Object.assign(url, { username: 'ann', password: 'secret' });
    const got = await get({}, {}, vendor({ mirrors: [url.href] }));
    expect(mirror.seen[0]?.authorization).toMatch(/^Basic /);
    expect(JSON.stringify([got, steps])).not.toContain('secret');
  });
});

describe('a connection that is cut', () => {
  test('is taken up again where it was', async () => {
    onBody(1, cutAfter(1_500_000));
    expect('made' in (await get())).toBe(true);
    const from = Number(/^bytes=(\d+)-$/.exec(ranges().at(-1) ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
  });

  test('again and again: what came is kept, and the next try goes on from there', async () => {
    onBody(9, (request, response) => {
      if (request.headers.range) return !response.destroy();
      return cutAfter(1_500_000)(request, response);
    });
    expect((await failure(get())).message).toMatch(/was cut again and again/);
    expect(partials()).toEqual([sumOf(disk)]);
    mirror.trick = null;
    mirror.seen.length = 0;
    expect('made' in (await get())).toBe(true);
    expect(ranges()).toEqual(['bytes=0-0', expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  test('and a mirror that knows no ranges', async () => {
    let cuts = 0;
    mirror.trick = (request, response) => {
      const isBody = (request.url ?? '').endsWith('.raw') && request.headers.range !== 'bytes=0-0';
      delete request.headers.range;
      return isBody && cuts++ === 0 && cutAfter(1_500_000)(request, response);
    };
    expect('made' in (await get())).toBe(true);
  });

  test('what was kept has been damaged: it is fetched anew, once', async () => {
    writeFileSync(join(shop.partials, sumOf(disk)), Buffer.alloc(1_000_000, 'x'));
    expect('made' in (await get())).toBe(true);
  });

  test('silence is cut too, and told as such', async () => {
    onBody(9, (_, response) => {
      response.writeHead(200, { 'content-length': disk.length });
      response.flushHeaders();
      return true;
    });
    const error = await failure(get());
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringMatching(/went silent/) });
  });

  test('a cancellation ends it and keeps what came', async () => {
    const abort = new AbortController();
    onBody(9, (_, response) => {
      response.writeHead(200, { 'content-length': disk.length });
      response.write(disk.subarray(0, 1_500_000));
      setTimeout(() => abort.abort(new Error('enough')), 400);
      return true;
    });
    expect(
      await failure(get({}, { operation: operation(abort.signal), policy: { ...POLICY, stallMs: 5_000 } })),
    ).toEqual(new Error('enough'));
    expect(partials()).toEqual([sumOf(disk)]);
  });
});

describe('refused, leaving nothing', () => {
  test('a file that is not what its checksum says', async () => {
    mirror.files.set('latest/x-1.2.raw', Buffer.from(disk).fill('y', 2_000_000, 2_000_100));
    expect((await failure(get())).message).toMatch(/file of x-cloud-amd64 is not what it should be/);
    expect(partials()).toEqual([]);
  });

  test('a body that never ends is read no further than its size', async () => {
    let sent = 0;
    onBody(9, (_, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      const more = () => {
        sent += 65_536;
        if (!response.destroyed) response.write(Buffer.alloc(65_536, 'z'), more);
      };
      more();
      return true;
    });
    expect((await failure(get())).message).toMatch(/is not what it should be/);
    expect(sent).toBeLessThan(64 * 1024 ** 2);
  });

  test('a list of checksums that never ends', async () => {
    mirror.trick = (request, response) => {
      if (!(request.url ?? '').endsWith('SUMS')) return false;
      response.writeHead(200);
      const more = () => !response.destroyed && response.write(Buffer.alloc(1024 ** 2, 'z'), more);
      more();
      return true;
    };
    expect((await failure(get())).message).toMatch(/does not end/);
  });

  test('one that does not say how large it is, or says two things', async () => {
    mirror.trick = (request, response) => {
      if (!(request.url ?? '').endsWith('.raw')) return false;
      response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(disk);
      return true;
    };
    expect((await failure(get())).cause).toMatch(/how large/);
    onBody(9, (_, response) => {
      response.writeHead(200, { 'content-length': 10 }).end(disk.subarray(0, 10));
      return true;
    });
    expect((await failure(get())).cause).toMatch(/another size/);
  });

  test('a page instead of checksums, a list that lacks it, and what is no disk', async () => {
    mirror.files.set('latest/SHA256SUMS', Buffer.from('<!DOCTYPE html><title>Welcome to the hotel</title>'));
    expect(await failure(get())).toMatchObject({ code: 'bad-data', cause: expect.stringContaining('<!DOCTYPE html>') });
    const text = Buffer.alloc(70_000, 'no disk ');
    mirror.files.set('latest/x-1.2.raw', text);
    mirror.files.set('latest/SHA256SUMS', Buffer.from(`${sumOf(text)}  x-1.2.raw\n`));
    expect((await failure(get())).code).toBe('bad-data');
  });

  test.each([
    [404, 'not-found', 1],
    [403, 'denied', 1],
    [418, 'bad-data', 1],
    [429, 'resources', 3],
    [500, 'resources', 3],
  ] as const)('%i is %s, after %i tries', async (status, code, tries) => {
    mirror.trick = (_, response) => {
      response.writeHead(status, { 'retry-after': '0' }).end('no');
      return true;
    };
    expect((await failure(get())).code).toBe(code);
    expect(mirror.seen.length).toBe(tries);
  });

  test('a wait of an hour is not waited for', async () => {
    mirror.trick = (_, response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end();
      return true;
    };
    expect((await failure(get())).message).toMatch(/cannot answer now/);
    expect(mirror.seen.length).toBe(1);
  });

  test('a vendor nobody named a mirror of', async () => {
    const error = await failure(get({}, {}, vendor({ mirrors: [] })));
    expect(error).toMatchObject({ code: 'unsupported', hint: expect.stringContaining('image mirror x') });
  });
});

describe('sent elsewhere', () => {
  const sendTo = (where: (path: string) => string) => {
    mirror.trick = (request, response) => {
      const path = request.url ?? '';
      if (!path.startsWith('/pub/')) return false;
      response.writeHead(302, { location: where(path) }).end();
      return true;
    };
  };

  test('to another host is followed, without what was meant for the first', async () => {
    const other = await startMirror();
    try {
      for (const [path, bytes] of mirror.files) other.files.set(path, bytes);
      const url = new URL(mirror.url);
      Object.assign(url, { username: 'ann', password: 'secret' });
      sendTo((path) => new URL(path, other.url).href);
      expect('made' in (await get({}, {}, vendor({ mirrors: [url.href] })))).toBe(true);
      expect(other.seen.every(({ authorization }) => authorization === null)).toBe(true);
    } finally {
      await other.end();
    }
  });

  test.each([
    ['round and round', (path: string) => path, /place to place/],
    ['to nowhere', () => 'http://', /nowhere/],
    ['to a file of this machine', () => 'file:///etc/passwd', /not encrypted/],
  ])('%s is not', async (_, where, why) => {
    sendTo(where);
    expect((await failure(get())).message).toMatch(why);
  });
});

test('the next mirror is asked when one will not do, and the last one’s word counts', async () => {
  const bad = await startMirror();
  try {
    expect('made' in (await get({}, {}, vendor({ mirrors: [bad.url, mirror.url] })))).toBe(true);
    expect((await failure(get({}, {}, vendor({ mirrors: [mirror.url.replace('/pub/', '/no/'), bad.url] })))).code).toBe(
      'not-found',
    );
  } finally {
    await bad.end();
  }
});

test('without encryption nothing is taken that nobody vouches for', async () => {
  const far = 'http://mirror.invalid/pub/';
  // As a proxy of the machine would, it answers for any host.
  process.env.http_proxy = new URL(mirror.url).origin;
  mirror.trick = (request, response) => {
    request.url = new URL(request.url ?? '', 'http://x').pathname;
    serveFile(request, response, mirror.files);
    return true;
  };
  try {
    const error = await failure(get({}, {}, vendor({ mirrors: [far] })));
    expect(error).toMatchObject({ code: 'denied', message: expect.stringMatching(/Nobody vouches/) });
    expect(ranges()).toEqual([]);
  } finally {
    delete process.env.http_proxy;
  }
});
