/** What the numbers were measured on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryMib: number;
  readonly kernel: string;
  readonly os: string;
  /** Load of the last minute before the run: above the number of processors the figures are of a busy machine. */
  readonly load: number;
  readonly privilege: 'root' | 'user';
  /** First line of each tool's version; only those found. */
  readonly versions: Readonly<Record<string, string>>;
}

const TOOLS: Readonly<Record<string, readonly string[]>> = {
  runc: ['--version'],
  crun: ['--version'],
  conmon: ['--version'],
  'qemu-system-x86_64': ['--version'],
  dockerd: ['--version'],
};

export function describeMachine(): Machine {
  const list = cpus();
  const versions: Record<string, string> = { node: process.version };
  for (const [tool, args] of Object.entries(TOOLS)) {
    const version = firstLine(tool, args);
    if (version) versions[tool] = version;
  }
  return {
    cpus: list.length,
    cpuModel: list[0]?.model.trim() ?? 'unknown',
    memoryMib: Math.round(totalmem() / 1024 / 1024),
    kernel: release(),
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(readText('/etc/os-release'))?.[1] ?? 'unknown',
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    privilege: process.getuid?.() === 0 ? 'root' : 'user',
    versions,
  };
}

function firstLine(tool: string, args: readonly string[]): string | null {
  try {
    const text = execFileSync(tool, args, { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] });
    return text.split('\n')[0] ?? null;
  } catch {
    return null;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
