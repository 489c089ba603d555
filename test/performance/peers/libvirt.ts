/** libvirt of this host for one bench: a daemon of its own for an ordinary user, so that nothing of it is the host's. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BenchContext } from '../harness.ts';
import { find } from './docker.ts';

const execute = promisify(execFile);
const READY_TIMEOUT_MS = 20_000;
const PROBE_TIMEOUT_MS = 240_000;
const VIRSH_TIMEOUT_MS = 60_000;
/** Debian's `nobody`. */
const USER = 65534;

export interface Libvirt {
  readonly label: string;
  /** Its user's own. */
  readonly folder: string;
  /** A file for it, of its user: a copy under this name. */
  give(from: string, name: string): string;
  /** From the start of `virsh create` to the first whole line on the serial port (ms). The machine is ended then. */
  timeFirstLine(machine: LibvirtMachine, timeoutMs: number): Promise<number>;
}

/** The same as another's machine with `-cpu max`, as far as libvirt has a word for it. Files must be its user's to read. */
export interface LibvirtMachine {
  readonly binary: string;
  readonly memoryMib: number;
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
  /** What our init reads (`-fw_cfg`). */
  readonly config: string;
  /** qcow2; written to. */
  readonly disk: string;
}

/** Or why it cannot be. */
export async function startLibvirt(context: BenchContext): Promise<Libvirt | { readonly absent: string }> {
  const [daemon, client] = [find('libvirtd'), find('virsh')];
  if (!daemon || !client)
    return { absent: 'libvirt is not installed (Debian packages libvirt-daemon-system, libvirt-clients)' };
  if (process.getuid?.() !== 0) return { absent: 'it is started for another user, which needs root' };
  const folder = join(context.folder, 'libvirt');
  chmodSync(context.folder, 0o711);
  for (const path of [folder, join(folder, 'run')]) {
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, USER, USER);
  }
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run') };
  const asUser = ['--reuid', String(USER), '--regid', String(USER), '--clear-groups'];
  const child = spawn('setpriv', [...asUser, daemon], { stdio: ['ignore', 'ignore', 'pipe'], env, detached: true });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-500);
  });
  child.on('error', () => {});
  context.defer('libvirtd', () => stop(child));
  const virsh = (words: readonly string[], timeout = VIRSH_TIMEOUT_MS) =>
    execute('setpriv', [...asUser, client, '-q', '-c', 'qemu:///session', ...words], { env, timeout });
  const socket = join(folder, 'run', 'libvirt', 'libvirt-sock');
  for (const until = performance.now() + READY_TIMEOUT_MS; !existsSync(socket); await sleep(50))
    if (child.exitCode !== null || performance.now() > until)
      return { absent: `libvirtd did not start: ${said.trim()}` };
  const { stdout } = await execute(daemon, ['--version']);
  const version = /[\d.]+/.exec(stdout)?.[0] ?? '';
  // It tries every QEMU of this host once and keeps what it learned.
  await virsh(['capabilities'], PROBE_TIMEOUT_MS);
  let count = 0;
  return {
    label: `libvirt ${version} virsh create`,
    folder,
    give(from, name) {
      const path = join(folder, name);
      copyFileSync(from, path);
      chownSync(path, USER, USER);
      return path;
    },
    async timeFirstLine(machine, timeoutMs) {
      const name = `bench-${count++}`;
      const serial = join(folder, 'run', `${name}.sock`);
      const file = join(folder, `${name}.xml`);
      writeFileSync(file, xmlOf(machine, name, serial));
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(serial, resolve));
      chmodSync(serial, 0o666);
      const started = performance.now();
      try {
        const line = new Promise<number>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('Its machine said nothing on its serial line.')), timeoutMs);
          server.on('connection', (connection) => {
            connection.on('error', () => {});
            connection.on('data', (bytes) => {
              if (!bytes.includes(10)) return;
              clearTimeout(timer);
              resolve(performance.now() - started);
            });
          });
        });
        line.catch(() => {});
        await virsh(['create', file]);
        return await line;
      } finally {
        await virsh(['destroy', name]).catch(() => {});
        server.close();
      }
    },
  };
}

function xmlOf(machine: LibvirtMachine, name: string, serial: string): string {
  const { binary, memoryMib, kernel, initrd, commandLine, config, disk } = machine;
  return `<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>${name}</name>
  <memory unit='MiB'>${memoryMib}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>${kernel}</kernel>
    <initrd>${initrd}</initrd>
    <cmdline>${text(commandLine)}</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='maximum'/>
  <on_reboot>destroy</on_reboot>
  <devices>
    <emulator>${binary}</emulator>
    <controller type='usb' model='none'/>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <serial type='unix'><source mode='connect' path='${serial}'/></serial>
    <video><model type='vga'/></video>
    <memballoon model='none'/>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-fw_cfg'/><qemu:arg value='name=opt/guesthouse/config,file=${config}'/>
  </qemu:commandline>
</domain>
`;
}

const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

async function stop(child: ChildProcess): Promise<void> {
  const gone = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  child.kill('SIGTERM');
  for (let tries = 0; tries < 50 && !gone(); tries++) await sleep(100);
  if (!gone()) process.kill(-(child.pid as number), 'SIGKILL');
}
