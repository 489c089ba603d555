// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the language that is read here writes its variables so
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GuesthouseError } from '../contract/errors.ts';
import { readWish } from './read-file.ts';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wish-'));
  folder = join(home, 'My Shop');
  mkdirSync(folder);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const ONE = 'services:\n  web: { image: "a:${TAG:-1}" }\n';
function write(text: string, name = 'compose.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const read = (path: string) => readWish({ file: { path } });
const dropped = (text: string, name = 'compose.yaml') => readWish({ file: { text, name } });
function refused(act: () => unknown): GuesthouseError {
  try {
    act();
  } catch (error) {
    if (error instanceof GuesthouseError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('a file with its folder', () => {
  test('takes its variables from the .env beside it, and none from us', () => {
    write('TAG=7\nCOMPOSE_PROJECT_NAME=other\n', '.env');
    const project = read(
      write(`services:\n  web:\n    image: "a:\${TAG:-1}"\n    environment: [PATH, "X=\${HOME}"]\n`),
    );
    expect(project.name).toBe('other');
    expect(project.services[0]?.draft.image).toBe('a:7');
    expect(project.services[0]?.draft.env).toEqual({ X: '' });
    expect(project.unset).toEqual(['HOME']);
  });
  test('is named for its folder', () => expect(read(write(ONE)).name).toBe('myshop'));
  test('reads env files beside it', () => {
    write('A=1\n', 'web.env');
    expect(read(write('services:\n  web: { image: a, env_file: ./web.env }\n')).services[0]?.draft.env).toEqual({
      A: '1',
    });
  });
  test.each(['../outside.env', 'link.env', '/etc/passwd'])('does not read %s', (env) => {
    writeFileSync(join(home, 'outside.env'), 'SECRET=1\n');
    symlinkSync('../outside.env', join(folder, 'link.env'));
    const error = refused(() => read(write(`services:\n  web:\n    image: a\n    env_file: ${env}\n`)));
    expect(error.message).toMatch(/^compose\.yaml:4: .* is not in the folder of the compose file/);
  });
  test('does not wait for a pipe, in whatever place', () => {
    execFileSync('mkfifo', [join(folder, 'p.env')]);
    expect(refused(() => read(join(folder, 'p.env'))).message).toContain('is not a file');
    expect(refused(() => read(write('services:\n  web:\n    image: a\n    env_file: p.env\n'))).message).toMatch(
      /^compose\.yaml:4: .* is not a file/,
    );
  });
  test('is no more than 1 MiB, and neither is what it means', () => {
    expect(refused(() => read(write(`#${'x'.repeat(2 ** 20)}`))).message).toContain('larger than 1024 KiB');
    const laughs = Array.from({ length: 40 }, (_, at) => `V${at + 1}=$V${at}$V${at}`).join('\n');
    write(`V0=ha\n${laughs}\n`, '.env');
    expect(refused(() => read(write(ONE))).message).toMatch(/^\.env: Line \d+: .*larger than \d MiB/);
    write(`V=${'x'.repeat(60_000)}\n`, '.env');
    const many = `services:\n  web:\n    image: a\n    command: [${'"$V",'.repeat(1000)}]\n`;
    expect(refused(() => read(write(many))).message).toMatch(/^compose\.yaml:4: The variables make the file too large/);
  });
  test('has one clear error for aliases without end', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let at = 98; at < 107; at++) {
      const [one, before] = [String.fromCharCode(at), `*${String.fromCharCode(at - 1)}`];
      lines.push(`${one}: &${one} [${Array(9).fill(before).join(',')}]`);
    }
    expect(
      refused(() => read(write(`x-laugh:\n${lines.map((line) => `  ${line}`).join('\n')}\n${ONE}`))).message,
    ).toContain('repeats itself too often');
  });
  test('that is not there says so', () => expect(refused(() => read(join(folder, 'no.yaml'))).code).toBe('not-found'));
});

describe('a text without a folder', () => {
  test('is named for itself', () => {
    expect(dropped(ONE, 'Shop.yml').name).toBe('shop');
    expect(dropped(`name: own\n${ONE}`).name).toBe('own');
  });
  test.each([
    ['volumes: ["./data:/data"]', '"./data"'],
    ['env_file: web.env', '"web.env"'],
    ['build: .', '"."'],
    ['build: { dockerfile: x }', '"."'],
    ['security_opt: ["seccomp=mine.json"]', '"mine.json"'],
    ['extends: { file: base.yaml, service: a }', '"base.yaml"'],
  ])('says where one is needed: %s', (line, place) => {
    const error = refused(() => dropped(`services:\n  web:\n    image: a\n    ${line}\n`));
    expect(error.message).toContain(`compose.yaml:4: services.web.`);
    expect(error.message).toContain(`${place} is a place in the folder of the file`);
    expect(error.hint).toBe('Choose the file by its path instead.');
  });
  test('may name places of the host and volumes', () => {
    const project = dropped(
      'services:\n  web: { image: a, volumes: ["/srv:/srv:ro", "data:/data"] }\nvolumes: { data: }\n',
    );
    expect(project.services[0]?.draft.mounts).toMatchObject([{ source: '/srv' }, { source: 'compose_data' }]);
  });
});
