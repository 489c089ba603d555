/** What a machine has grown by, as QEMU names it: for a machine that runs, and for one that goes on with its memory. */
import type { Qmp } from '../qmp/client.ts';

/** Its device, and the memory behind it. */
export const MEMORY_DEVICE = 'memory';
export const MEMORY_BACKEND = 'more-memory';
const PERIPHERAL = '/machine/peripheral/';

export interface Processor {
  /** QEMU's type of it, and its place. */
  readonly type: string;
  readonly props: Readonly<Record<string, number>>;
  /** Left out: the place is free. */
  readonly 'qom-path'?: string;
}

/** In the order they come: by their places. */
export async function processorsOf(qmp: Qmp): Promise<Processor[]> {
  const all = (await qmp.execute('query-hotpluggable-cpus')) as Processor[];
  const place = ({ props }: Processor) => (props['socket-id'] ?? 0) * 2 ** 16 + (props['core-id'] ?? 0);
  return all.sort((a, b) => place(a) - place(b));
}

/** The id of a processor that came later; null: it was there from the start, or is not there. */
export function idOf({ 'qom-path': path }: Processor): string | null {
  return path?.startsWith(PERIPHERAL) ? path.slice(PERIPHERAL.length) : null;
}

export interface MoreMemory {
  readonly bytes: number;
  /** What the guest took of it so far. */
  readonly taken: number;
  /** Of the backend: all it may become. */
  readonly mostBytes: number;
}

export async function memoryOf(qmp: Qmp): Promise<MoreMemory | null> {
  const all = (await qmp.execute('query-memory-devices')) as { type: string; data: Record<string, unknown> }[];
  const found = all.find(({ data }) => data.id === MEMORY_DEVICE)?.data;
  if (!found) return null;
  return { bytes: Number(found['requested-size']), taken: Number(found.size), mostBytes: Number(found['max-size']) };
}

/** `shared`: programs beside QEMU, which serve folders, can be given it. */
export function backend(
  mostBytes: number,
  shared: boolean,
): { 'qom-type': string; id: string } & Record<string, unknown> {
  const type = shared ? 'memory-backend-memfd' : 'memory-backend-ram';
  // Room that nobody uses yet is not set aside.
  return { 'qom-type': type, id: MEMORY_BACKEND, size: mostBytes, reserve: false, ...(shared ? { share: true } : {}) };
}

export function memoryDevice(bytes: number): { driver: string; id: string } & Record<string, unknown> {
  return { driver: 'virtio-mem-pci', id: MEMORY_DEVICE, memdev: MEMORY_BACKEND, 'requested-size': bytes };
}

/** What is kept of it beside a memory (memory/shape.ts). */
export interface Grown {
  readonly processors: readonly Readonly<Record<string, string | number>>[];
  readonly memory: { readonly port: number; readonly bytes: number; readonly mostBytes: number } | null;
}

export async function grownBy(qmp: Qmp, places: Readonly<Record<string, number>>): Promise<Grown> {
  const processors = (await processorsOf(qmp)).flatMap((one) => {
    const id = idOf(one);
    return id === null ? [] : [{ driver: one.type, id, ...one.props }];
  });
  const memory = await memoryOf(qmp);
  const port = places[MEMORY_DEVICE];
  return { processors, memory: memory && port !== undefined ? { port, ...memory } : null };
}
