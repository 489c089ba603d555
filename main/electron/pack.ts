/**
 * `npm run pack [-- deb|rpm|AppImage|dir]`: builds the window and Electron's side, then packs them. With
 * GUESTHOUSE_ELECTRON_DIST a folder takes the place of the downloaded Electron (CI packs around a stub).
 * GUESTHOUSE_PACK_OUTPUT is another folder for the result.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, Platform } from 'electron-builder';
import { ensureBuilt } from '../setup/window.js';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const TARGETS = ['dir', 'deb', 'rpm', 'AppImage'];

const target = process.argv[2] ?? 'dir';
if (!TARGETS.includes(target)) {
  console.error(`There is no package of the kind ${target}. There are: ${TARGETS.join(', ')}`);
  process.exit(2);
}
await ensureBuilt(ROOT, process.execPath, 'window');
await ensureBuilt(ROOT, process.execPath, 'electron');
const electronDist = process.env.GUESTHOUSE_ELECTRON_DIST;
const output = process.env.GUESTHOUSE_PACK_OUTPUT;
const made = await build({
  projectDir: ROOT,
  targets: Platform.LINUX.createTarget(target),
  publish: 'never',
  config: {
    // Named here, because settings given here would otherwise replace the file.
    extends: join(ROOT, 'electron-builder.yml'),
    ...(electronDist ? { electronDist } : {}),
    ...(output ? { directories: { output } } : {}),
  },
});
for (const path of made) console.log(path);
