/** What the window loads before it can show anything: the built script and all it imports at once, compressed. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const WINDOW = fileURLToPath(new URL('../../dist/renderer/', import.meta.url));
const MOST_KB = 450;
/** `import … from "./x.js"`, `import"./x.js"` and `export … from`; not `import("./x.js")`, which is loaded when needed. */
const IMPORT = /(?:\bfrom|\bimport)\s*["'](\.[^"']+\.js)["']/g;

/** Files of the start, by their path in the built window. */
function startFiles(): ReadonlyMap<string, Buffer> {
  const page = readFileSync(join(WINDOW, 'index.html'), 'utf8');
  const waiting = [...page.matchAll(/<(?:script|link)[^>]*\s(?:src|href)="([^"]+\.js)"/g)].map(([, path]) =>
    join(WINDOW, path as string),
  );
  const found = new Map<string, Buffer>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    const script = readFileSync(path);
    found.set(path, script);
    for (const [, other] of script.toString('utf8').matchAll(IMPORT))
      waiting.push(join(dirname(path), other as string));
  }
  return found;
}

test(`the window starts with less than ${MOST_KB} KB of script`, () => {
  const files = startFiles();
  expect(files.size).toBeGreaterThan(0);
  const kb = [...files.values()].reduce((sum, script) => sum + gzipSync(script).length, 0) / 1000;
  console.log(`${files.size} files, ${kb.toFixed(0)} KB compressed`);
  expect(kb).toBeLessThan(MOST_KB);
});

test('consoles, screens and charts are no part of it', () => {
  const all = [...startFiles().values()].join('\n');
  // Words of their own that minifying leaves alone.
  for (const [what, word] of [
    ['xterm.js', 'xterm-helper-textarea'],
    ['noVNC', 'Unsupported security types'],
    ['the page of the design', 'design-title'],
  ] as const)
    expect(all.includes(word), what).toBe(false);
});
