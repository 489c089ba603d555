/** The drives of a machine that runs, as QEMU says (`query-block`). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuesthouseError } from '../../../contract/errors.ts';
import type { Qmp } from '../qmp/client.ts';

const LET_GO_MS = 10_000;
const LOOK_MS = 20;

export interface Drive {
  /** QOM path of what has the medium, for commands that ask for an `id`. */
  readonly path: string;
  /** Topmost node of the medium; null: none is in. */
  readonly node: string | null;
  readonly sizeBytes: number | null;
  readonly isTrayOpen: boolean;
  /** Of the topmost node and what is behind it, as QEMU opened them. */
  readonly files: readonly string[];
}

interface Info {
  readonly qdev?: string;
  readonly tray_open?: boolean;
  readonly inserted?: { readonly 'node-name'?: string; readonly image?: Image };
}
interface Image {
  readonly filename?: string;
  readonly 'virtual-size'?: number;
  readonly 'backing-image'?: Image;
}

/** By the device's id. */
export async function drives(qmp: Qmp): Promise<ReadonlyMap<string, Drive>> {
  const all = (await qmp.execute('query-block')) as readonly Info[];
  return new Map(
    all.flatMap((info): [string, Drive][] => {
      const { qdev, tray_open, inserted } = info;
      const id = qdev && (/^\/machine\/peripheral\/([^/]+)/.exec(qdev)?.[1] ?? (qdev.startsWith('/') ? null : qdev));
      if (!qdev || !id) return [];
      const sizeBytes = inserted?.image?.['virtual-size'] ?? null;
      const files = filesOf(inserted?.image);
      return [
        [id, { path: qdev, node: inserted?.['node-name'] ?? null, sizeBytes, isTrayOpen: tray_open ?? false, files }],
      ];
    }),
  );
}

/** Names of a drive's nodes, topmost first: its own file, and what it is the difference to. */
export async function chainOf(qmp: Qmp, top: string): Promise<string[]> {
  const all = (await qmp.execute('query-named-block-nodes', { flat: true })) as readonly BlockNode[];
  // Under each of these is one for the file itself, of the same name.
  const nodes = all.filter(({ drv }) => drv === 'qcow2' || drv === 'raw');
  const chain = [top];
  for (let at = nodes.find((node) => node['node-name'] === top); at?.backing_file; ) {
    const { backing_file } = at;
    const below = nodes.find((node) => node.file === backing_file && !chain.includes(node['node-name']));
    if (!below) break;
    chain.push(below['node-name']);
    at = below;
  }
  return chain;
}

interface BlockNode {
  readonly 'node-name': string;
  readonly drv: string;
  readonly file: string;
  readonly backing_file?: string;
}

/** A device that went lets go of its node a moment later, when QEMU's threads are done with it. */
export async function deleteNode(qmp: Qmp, node: string): Promise<void> {
  const until = performance.now() + LET_GO_MS;
  for (;;) {
    try {
      await qmp.execute('blockdev-del', { 'node-name': node });
      return;
    } catch (error) {
      const isHeld = /is in use/.test(String((error as GuesthouseError).cause));
      if (!isHeld || performance.now() > until) throw error;
      await sleep(LOOK_MS);
    }
  }
}

function filesOf(image: Image | undefined): string[] {
  const files: string[] = [];
  for (let one = image; one; one = one['backing-image']) {
    // Nodes with options are named `json:{…"filename": "/dev/fdset/1"…}`.
    files.push(...(one.filename?.match(/\/dev\/fdset\/\d+/g) ?? []));
  }
  return files;
}
