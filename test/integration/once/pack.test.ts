/** Packs the application around a stub in the place of Electron, and looks at what a person would install. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractFile, listPackage } from '@electron/asar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../engine/host/process.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The marks around the switches in a real Electron: sentinel, version 1, count, one character per switch ('1' is on). */
const FUSES = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('111111111'),
]);

if (canWrite()) describe('the package', thePackage);
else test('the package', ({ skip }) => skip('this user cannot write dist/, where packing builds'));

function thePackage() {
  const folder = mkdtempSync(join(tmpdir(), 'gh-pack-'));
  const app = join(folder, 'out', 'linux-unpacked');
  const archive = join(app, 'resources', 'app.asar');
  let names: string[] = [];

  beforeAll(async () => {
    const stub = join(folder, 'electron');
    mkdirSync(join(stub, 'resources'), { recursive: true });
    writeFileSync(join(stub, 'electron'), Buffer.concat([Buffer.from('#!/bin/sh\n# a stub\n'), FUSES]), {
      mode: 0o755,
    });
    writeFileSync(join(stub, 'version'), '0.0.0-stub');
    const { PATH = '', HOME = folder } = process.env;
    await run([process.execPath, join(ROOT, 'main/electron/pack.ts'), 'dir'], {
      cwd: ROOT,
      timeoutMs: 150_000,
      env: {
        PATH,
        HOME,
        GUESTHOUSE_ELECTRON_DIST: stub,
        GUESTHOUSE_PACK_OUTPUT: join(folder, 'out'),
        NO_UPDATE_NOTIFIER: '1',
      },
    });
    names = listPackage(archive, { isPack: false });
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds the application: host, preload, window, guest init, and what they import', () => {
    const { main } = JSON.parse(extractFile(archive, 'package.json').toString('utf8')) as { main: string };
    expect(names).toContain(`/${main}`);
    for (const name of [
      '/dist/electron/main/electron/preload.cjs',
      '/dist/electron/engine/engine.js',
      '/dist/electron/engine/drivers/oci/poll-worker.js',
      '/dist/electron/engine/host/spawn-worker.js',
      '/dist/electron/engine/networks/relay/main.js',
      '/dist/electron/assets/guest-init/init',
      '/dist/electron/assets/rescue-init/init',
      '/dist/renderer/index.html',
      '/LICENSE',
      '/node_modules/zod/package.json',
      '/node_modules/koffi/package.json',
      '/node_modules/tar-stream/package.json',
    ]) {
      expect(names).toContain(name);
    }
  });

  test('holds no sources, no tests and no tool of ours', () => {
    expect(names.filter((name) => /\.(ts|svelte|map)$|\.test\./.test(name))).toEqual([]);
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const packed = new Set(names);
    expect(Object.keys(devDependencies).filter((name) => packed.has(`/node_modules/${name}`))).toEqual([]);
    const rooms = new Set(names.map((name) => name.split('/')[1]));
    expect([...rooms].sort()).toEqual(['LICENSE', 'dist', 'node_modules', 'package.json']);
  });

  test('has native code on the disk, where it can be loaded', () => {
    expect(existsSync(join(app, 'resources/app.asar.unpacked/node_modules/@koromix'))).toBe(true);
  });

  // The relay and the keeper are Nodes that outlive the window, so that much of a general Node stays.
  test('switches off what would let others into the application', () => {
    const binary = readFileSync(join(app, 'guesthouse'));
    const at = binary.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX') + 34;
    const [runAsNode, cookieEncryption, nodeOptions, nodeInspect, , onlyAsar, , fileProtocol] = [
      ...binary.toString('latin1', at, at + 9),
    ];
    expect({ runAsNode, cookieEncryption, nodeOptions, nodeInspect, onlyAsar, fileProtocol }).toEqual({
      runAsNode: '1',
      cookieEncryption: '1',
      nodeOptions: '0',
      nodeInspect: '0',
      onlyAsar: '1',
      fileProtocol: '0',
    });
  });

  test('every import of a compiled file is in the archive', () => {
    const missing = names
      .filter((name) => name.startsWith('/dist/electron/') && name.endsWith('.js'))
      .flatMap((name) => {
        const text = extractFile(archive, name.slice(1)).toString('utf8');
        const imports = [...text.matchAll(/(?:from|import\()\s*"(\.{1,2}\/[^"]+)"/g)].map(
          (match) => match[1] as string,
        );
        return imports.map((to) => new URL(to, `file://${name}`).pathname).filter((path) => !names.includes(path));
      });
    expect(missing).toEqual([]);
  });
}

/** Packing builds into dist/, which belongs to whoever cloned the project. */
function canWrite(): boolean {
  try {
    mkdirSync(join(ROOT, 'dist'), { recursive: true });
    writeFileSync(join(ROOT, 'dist', '.writable'), '');
    rmSync(join(ROOT, 'dist', '.writable'));
    return true;
  } catch {
    return false;
  }
}
