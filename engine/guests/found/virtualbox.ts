/** Machines of VirtualBox, from the files it keeps: its registry names the `.vbox` of each. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { readPseudoFile } from '../../metrics/pseudofile.ts';
import { ofVbox, parseVbox } from '../foreign/vbox.ts';
import { all, first, parseXml } from '../foreign/xml.ts';
import type { Candidate, Listing } from './found.ts';

const MAX_XML_BYTES = 4 * 1024 * 1024;
const MAX_MACHINES = 1000;
/** Programs that run a machine, with its number among their words. */
const RUNNERS = /VirtualBoxVM|VBoxHeadless|VirtualBox\b|VBoxSDL/;

export async function listVirtualBox(): Promise<Listing> {
  const { HOME = '/', VBOX_USER_HOME } = process.env;
  const places = VBOX_USER_HOME ? [VBOX_USER_HOME] : [join(HOME, '.config/VirtualBox'), join(HOME, '.VirtualBox')];
  const notes: string[] = [];
  const candidates: Candidate[] = [];
  for (const place of places) {
    const registry = await smallFile(join(place, 'VirtualBox.xml'));
    if (registry === null) continue;
    for (const path of machinesIn(registry, place, notes)) {
      const text = await smallFile(path);
      if (text === null) continue;
      try {
        const { id, name } = parseVbox(text);
        candidates.push({
          program: 'virtualbox',
          id,
          name,
          isRunning: () => isRunning(id),
          describe: async () => ofVbox((await smallFile(path)) ?? text, path),
        });
      } catch (error) {
        notes.push((error as Error).message);
      }
    }
  }
  return { candidates, notes };
}

function machinesIn(registry: Buffer, place: string, notes: string[]): string[] {
  try {
    const entries = all(
      first(parseXml(registry, "VirtualBox's registry"), 'Global', 'MachineRegistry'),
      'MachineEntry',
    );
    return entries
      .map(({ attributes }) => attributes.src ?? '')
      .filter((path) => path !== '' && !path.includes('\0'))
      .map((path) => (isAbsolute(path) ? path : join(place, path)))
      .slice(0, MAX_MACHINES);
  } catch (error) {
    notes.push((error as Error).message);
    return [];
  }
}

/** Whoever runs a machine says which one on its command line. */
async function isRunning(id: string): Promise<boolean> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const words = readPseudoFile(`/proc/${pid}/cmdline`) ?? '';
    if (RUNNERS.test(words) && words.toLowerCase().includes(id.toLowerCase())) return true;
  }
  return false;
}

async function smallFile(path: string): Promise<Buffer | null> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size > MAX_XML_BYTES) return null;
  return readFile(path).catch(() => null);
}
