/**
 * The smallest image: the host's static busybox, a link per applet and the few files programs expect. The same busybox
 * gives the same image, to the byte.
 */
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import tar from 'tar-stream';
import { GuesthouseError } from '../../contract/errors.ts';
import type { ImageConfig } from '../../contract/image.ts';
import { run } from '../../host/process.ts';
import { installHint } from '../../host/tools.ts';
import { isStaticElf } from '../boot/initramfs.ts';
import { NO_CONFIG } from '../config.ts';

const CANDIDATES = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox.static', '/sbin/busybox'];

export const BUSYBOX_CONFIG: ImageConfig = {
  ...NO_CONFIG,
  cmd: ['sh'],
  env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
};

const FOLDERS: readonly (readonly [string, number])[] = [
  ['bin', 0o755],
  ['dev', 0o755],
  ['etc', 0o755],
  ['home', 0o755],
  ['mnt', 0o755],
  ['proc', 0o555],
  ['root', 0o700],
  ['run', 0o755],
  ['sbin', 0o755],
  ['sys', 0o555],
  ['tmp', 0o1777],
  ['usr', 0o755],
  ['usr/bin', 0o755],
  ['usr/sbin', 0o755],
  ['var', 0o755],
  ['var/log', 0o755],
  ['var/tmp', 0o1777],
];

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  'etc/group': 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n',
  'etc/hostname': 'busybox\n',
  'etc/hosts': '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
  'etc/profile': 'export PS1="\\u@\\h:\\w\\$ "\n',
};

export interface Busybox {
  readonly path: string;
  readonly binary: Uint8Array;
  /** Paths of the applets' links, without a leading slash: `usr/bin/wget`. */
  readonly applets: readonly string[];
  /** `1.35.0`. */
  readonly version: string;
}

/** Throws `missing-tool` when there is none, or only one that needs the host's libraries. */
export async function findBusybox(signal: AbortSignal): Promise<Busybox> {
  for (const path of CANDIDATES) {
    const binary = await readFile(path).catch(() => null);
    if (!binary || !isStaticElf(binary)) continue;
    const { stdout } = await run([path, '--list-full'], { signal, timeoutMs: 10_000 });
    const banner = await run([path], { signal, timeoutMs: 10_000, okCodes: [0, 1] });
    const version = /BusyBox v(\S+)/.exec(banner.stdout + banner.stderr)?.[1] ?? 'unknown';
    const applets = stdout.split('\n').filter((line) => /^[a-z]+(\/[a-z]+)?\/[^/\s]+$/.test(line));
    return { path, binary, applets, version };
  }
  throw new GuesthouseError({
    code: 'missing-tool',
    message: 'A static busybox is not installed.',
    subject: 'busybox',
    hint: installHint('busybox'),
  });
}

/** The image's only layer as a tar. */
export function busyboxLayer(busybox: Busybox): AsyncIterable<Uint8Array> {
  const pack = tar.pack();
  const owned = { uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) };
  const files: Record<string, string> = {
    ...FILES,
    'etc/os-release': `ID=busybox\nNAME="BusyBox"\nPRETTY_NAME="BusyBox ${busybox.version}"\nVERSION_ID=${busybox.version}\n`,
  };
  pack.entry({ name: './', type: 'directory', mode: 0o755, ...owned });
  for (const [name, mode] of FOLDERS) pack.entry({ name: `${name}/`, type: 'directory', mode, ...owned });
  pack.entry({ name: 'bin/busybox', mode: 0o755, ...owned }, Buffer.from(busybox.binary));
  for (const name of Object.keys(files).sort()) pack.entry({ name, mode: 0o644, ...owned }, files[name] as string);
  for (const name of [...new Set(busybox.applets)].sort()) {
    if (name === 'bin/busybox' || !/^(usr\/)?s?bin\//.test(name)) continue;
    // Hard links, so that a guest may move or replace any of them alone and no path has to resolve.
    pack.entry({ name, type: 'link', linkname: 'bin/busybox', mode: 0o755, ...owned });
  }
  pack.finalize();
  return Readable.from(pack);
}
