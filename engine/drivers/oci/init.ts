/**
 * The small init that is process 1 of a container on request: it passes signals on and reaps what others leave. It is a
 * program of the host shown in the container, whose C library may be another or none: so only one that needs none.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { GuesthouseError } from '../../contract/errors.ts';
import { findProgram, installHint } from '../../host/tools.ts';

/** In the order of preference; all take `-- program argument...`. */
const CANDIDATES = [
  'catatonit',
  '/usr/libexec/podman/catatonit',
  '/usr/libexec/catatonit/catatonit',
  '/usr/lib/podman/catatonit',
  'tini-static',
  'docker-init',
  'tini',
] as const;

const ELF_MAGIC = 0x7f454c46;
const PT_INTERP = 3;
const PROGRAM_HEADER_BYTES = 56;
/** Header and program headers of any small program are within these (bytes). */
const HEAD_BYTES = 4096;

/** Throws `missing-tool`. */
export function requireInit(): string {
  for (const name of CANDIDATES) {
    const path = findProgram(name);
    if (path !== null && needsNoLoader(head(path))) return path;
  }
  throw new GuesthouseError({
    code: 'missing-tool',
    message: 'No small init for containers is installed: neither catatonit nor a static tini was found.',
    subject: 'init',
    hint: installHint('catatonit'),
  });
}

/** Whether a program is a 64-bit little-endian ELF file that asks for no loader, after its first bytes. Pure. */
export function needsNoLoader(elf: Buffer): boolean {
  if (elf.length < 64 || elf.readUInt32BE(0) !== ELF_MAGIC || elf[4] !== 2 || elf[5] !== 1) return false;
  const [table, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  if (size < PROGRAM_HEADER_BYTES) return false;
  for (let index = 0; index < count; index++) {
    const at = table + index * size;
    if (at + PROGRAM_HEADER_BYTES > elf.length || elf.readUInt32LE(at) === PT_INTERP) return false;
  }
  return count > 0;
}

function head(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    return bytes.subarray(0, readSync(fd, bytes, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(fd);
  }
}
