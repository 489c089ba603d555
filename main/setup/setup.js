#!/usr/bin/env node
/**
 * Makes a machine ready to run, test or measure Guesthouse: Node 24, npm packages, system parts, devices, the built
 * window and command line. Each step looks first and does nothing when nothing is missing. Plain JavaScript for Node 20 without
 * dependencies, because it runs before there are any.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.js';
import { ensureDevices } from './devices.js';
import { ensureNode, installedNode } from './node24.js';
import { main } from './say.js';
import { ensureSystemParts } from './system.js';
import { ensureBuilt } from './window.js';

/** The folder of the project. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Does what is missing and returns the Node to run the project with.
 * @param {import('./parts.js').Purpose} purpose
 */
export async function setUp(purpose) {
  await ensureDependencies(ROOT, await ensureNode(ROOT));
  const node = installedNode(ROOT);
  await ensureSystemParts(purpose);
  await ensureDevices(purpose);
  await ensureBuilt(ROOT, node, 'window');
  await ensureBuilt(ROOT, node, 'command');
  return node;
}

/** Whether Electron's own program is here. Its npm package does not bring it; Guesthouse never downloads it by itself. */
export function electronProgram() {
  return join(ROOT, 'node_modules', 'electron', 'dist', 'electron');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(async () => {
    await setUp('run');
    process.stderr.write('guesthouse: ready\n');
    return 0;
  });
}
