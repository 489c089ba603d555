/** What the processes that keep guests have in memory, each page by its share (PSS). */
import { readdirSync, readFileSync } from 'node:fs';

/** As the kernel names them; the guests' own programs are theirs. */
const KEEPERS = ['conmon', 'slirp4netns', 'dnsmasq', 'holder'];

export interface KeepersMemory {
  readonly allKib: number;
  /** Of one conmon, on average; NaN without any. */
  readonly conmonKib: number;
}

/** Of all on this machine: whatever else runs here has to be taken off. */
export function keepersMemory(): KeepersMemory {
  let allKib = 0;
  const conmons: number[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (!KEEPERS.includes(name)) continue;
      const kib = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
      allKib += kib;
      if (name === 'conmon') conmons.push(kib);
    } catch {
      // it ended just now
    }
  }
  return { allKib, conmonKib: conmons.reduce((sum, kib) => sum + kib, 0) / conmons.length };
}
