/** Plain facts about this host. */
import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import type { HostInfo } from '../contract/host.ts';

export type HostFacts = Omit<HostInfo, 'home' | 'version' | 'privilege' | 'capabilities' | 'costs'>;

const MIB = 1024 * 1024;

/** `home`: the folder whose disk is meant. */
export async function hostFacts(home: string): Promise<HostFacts> {
  const [disk, memoryFreeMib, os] = await Promise.all([statfs(home), availableMemoryMib(), osName()]);
  return {
    hostname: hostname(),
    os,
    kernel: release(),
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    cpus: availableParallelism(),
    memoryMib: Math.floor(totalmem() / MIB),
    memoryFreeMib,
    diskFreeBytes: disk.bavail * disk.bsize,
    diskTotalBytes: disk.blocks * disk.bsize,
  };
}

/** What could be given to guests without swapping: the kernel's own estimate (proc_meminfo(5), MemAvailable). */
async function availableMemoryMib(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  return Math.floor(Number(/^MemAvailable:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024);
}

async function osName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]+)/m.exec(text)?.[1] ?? 'Linux';
}
