/**
 * Node's modules for what has to be on the screen at once. To `import` from `node:fs` or `node:util` fills in every name
 * they have, and so loads promises, streams, readline and more behind it: a list of guests would wait longer for them
 * than for the guests. See `main/cli/lean.test.ts`.
 */
export const {
  accessSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} = process.getBuiltinModule('node:fs');
export const { readSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } =
  process.getBuiltinModule('node:fs');
export const { parseArgs } = process.getBuiltinModule('node:util');
