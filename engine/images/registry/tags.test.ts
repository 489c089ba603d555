import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeRegistry, refuse, startFakeRegistry } from '../../../test/fakes/registry.ts';
import { tagsOf } from './tags.ts';

let home: string;
let registry: FakeRegistry;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'gh-tags-'));
  registry = await startFakeRegistry();
  for (const tag of ['1', '1.2', 'latest']) registry.putManifest(tag, {});
});
afterEach(async () => {
  await registry.end();
  rmSync(home, { recursive: true, force: true });
});

const nobody = { credentials: null, notes: [] };
const ask = (more = {}) => tagsOf(home, `${registry.host}/team/web`, { insecure: false, credentials: nobody, ...more });

test('are told once, and known for a while', async () => {
  expect(await ask()).toEqual(['1', '1.2', 'latest']);
  expect(await ask()).toEqual(['1', '1.2', 'latest']);
  expect(registry.seen.map(({ path }) => path)).toEqual(['/v2/team/web/tags/list?n=1000']);
});

test.each([
  [403, { code: 'denied' }],
  [404, { code: 'not-found' }],
  [500, {}],
])('a registry that answers %i is not asked again and again', async (status, error) => {
  registry.trick = (_, response) => {
    refuse(response, status, 'NO');
    return true;
  };
  await expect(ask()).rejects.toMatchObject(error);
  expect(registry.seen).toHaveLength(1);
});

test('one that says nothing is not waited for', async () => {
  registry.trick = () => true;
  await expect(ask({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
});

test.each([
  ['no JSON', '{'],
  ['something else', '[1]'],
  ['no list', '{"tags":{"a":1}}'],
])('what is %s is refused', async (_, body) => {
  registry.trick = (_request, response) => {
    response.end(body);
    return true;
  };
  await expect(ask()).rejects.toMatchObject({ code: 'bad-data' });
});

test('what cannot be a tag is left out, and none is an answer', async () => {
  registry.trick = (_, response) => {
    response.end(JSON.stringify({ tags: ['ok', 7, '<script>', 'a b', `x${'y'.repeat(200)}`, null] }));
    return true;
  };
  expect(await ask()).toEqual(['ok']);
  registry.trick = (_, response) => {
    response.end('{"tags":null}');
    return true;
  };
  expect(await tagsOf(home, `${registry.host}/team/none`, { insecure: false, credentials: nobody })).toEqual([]);
});

test('what is no name of a repository is refused before anybody is asked', async () => {
  await expect(tagsOf(home, `${registry.host}/BAD`, { insecure: false })).rejects.toMatchObject({ code: 'invalid' });
  expect(registry.seen).toEqual([]);
});
