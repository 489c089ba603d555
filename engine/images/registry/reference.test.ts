import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLoopback } from '../fetch/loopback.ts';
import { credentialKeys, parseReference } from './reference.ts';

const HEX = 'a'.repeat(64);
const parse = (text: string, host: string | null = 'registry.example') => {
  const { host: at, apiHost, repository, tag, digest, name } = parseReference(text, host);
  return [at, apiHost, repository, tag, digest, name];
};

describe('a reference', () => {
  test.each([
    ['web', ['registry.example', 'registry.example', 'web', 'latest', null, 'web:latest']],
    ['team/web:1.2', ['registry.example', 'registry.example', 'team/web', '1.2', null, 'team/web:1.2']],
    ['localhost/web', ['localhost', 'localhost', 'web', 'latest', null, 'localhost/web:latest']],
    ['127.0.0.1:5000/a/b/c:x', ['127.0.0.1:5000', '127.0.0.1:5000', 'a/b/c', 'x', null, '127.0.0.1:5000/a/b/c:x']],
    ['[::1]:5000/web', ['[::1]:5000', '[::1]:5000', 'web', 'latest', null, '[::1]:5000/web:latest']],
    ['Reg.Example/web', ['reg.example', 'reg.example', 'web', 'latest', null, 'reg.example/web:latest']],
    [`h.x/web@sha256:${HEX}`, ['h.x', 'h.x', 'web', null, HEX, `h.x/web@sha256:${HEX}`]],
    [`h.x/web:1@sha256:${HEX}`, ['h.x', 'h.x', 'web', '1', HEX, `h.x/web:1@sha256:${HEX}`]],
    ['docker.io/web', ['docker.io', 'index.docker.io', 'library/web', 'latest', null, 'docker.io/web:latest']],
    ['docker.io/a/web', ['docker.io', 'index.docker.io', 'a/web', 'latest', null, 'docker.io/a/web:latest']],
  ])('%s', (text, parts) => expect(parse(text)).toEqual(parts));

  test('of a name alone is looked for where it is set, or nowhere', () => {
    expect(parse('web', 'docker.io').slice(0, 3)).toEqual(['docker.io', 'index.docker.io', 'library/web']);
    expect(parse('web', 'docker.io')[5]).toBe('web:latest');
    expect(() => parse('web', null)).toThrow(
      expect.objectContaining({ code: 'invalid', hint: expect.stringContaining('library/web') }),
    );
  });

  test.each([
    ...['', ' ', 'a b', '/', '/web', 'web/', 'a//b', '.', '..', 'h.x/../web', 'h.x/Web', 'WEB', 'web:', 'web:a b'],
    ...['web@', 'web@sha256:1', `web@sha512:${HEX}`, 'https://h.x/web', 'docker://h.x/web', 'h.x:99999/web'],
    ...[
      'h.x:0/web',
      'h..x/web',
      '-h.x/web',
      'h.x/web:-x',
      'h.x/web\n',
      'h.x:80:80/web',
      '[zz]/web',
      'h_x.y/web',
      'a.0/web',
    ],
    ...[
      `${'a'.repeat(300)}`,
      `web:${'t'.repeat(129)}`,
      'h.x?a=b/web',
      'u@h.x/web',
      'h.x/web?x',
      'h.x/web#x',
      'h.x/a\\b',
    ],
  ])('%j is refused in words', (text) =>
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'invalid', subject: expect.any(String) })),
  );

  test('whatever is taken names one place under /v2/ of one host', () => {
    const part = fc.string({ unit: fc.constantFrom(...'aZ0.-_:/@[]%?#\\ \n'), maxLength: 24 });
    fc.assert(
      fc.property(part, (text) => {
        let found: ReturnType<typeof parseReference>;
        try {
          found = parseReference(text, 'r.x');
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid' });
          return;
        }
        const url = new URL(`/v2/${found.repository}/manifests/${found.tag}`, `https://${found.apiHost}`);
        expect(url.pathname).toBe(`/v2/${found.repository}/manifests/${found.tag}`);
        expect(parseReference(found.name, 'r.x')).toEqual({ ...found, name: found.name });
      }),
      { numRuns: 3000 },
    );
  });
});

test('loopback is what never leaves this machine', () => {
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1', '127.1.2.3:80', '[::1]:5000', '[::1]'])
    expect(isLoopback(host)).toBe(true);
  for (const host of [
    'localhost.example',
    '127.0.0.1.example',
    '128.0.0.1',
    '[::2]:5000',
    '0.0.0.0:5000',
    'x127.0.0.1',
  ])
    expect(isLoopback(host)).toBe(false);
});

test('credentials are kept under several names', () => {
  expect(credentialKeys('h.x:5000').slice(0, 2)).toEqual(['h.x:5000', 'https://h.x:5000']);
  expect(credentialKeys('docker.io')).toContain('https://index.docker.io/v1/');
});
