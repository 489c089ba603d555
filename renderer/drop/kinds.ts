/** What a file that is dropped onto the window can become, by its name. Pure. */

/** `project`: several guests of a compose file. */
export type DropKind = 'image' | 'guest' | 'project';

const IMAGE = /\.(iso|img|raw|qcow2?|vmdk|vdi|vhdx?|tar|tgz|oci)$/i;
const PACKED = /\.(gz|xz|zst)$/i;
const GUEST = /\.(ova|box|guest\.tar)$/i;
const PROJECT = /\.ya?ml$/i;

/** null: nothing that is known here. */
export function kindOf(name: string): DropKind | null {
  if (GUEST.test(name)) return 'guest';
  if (PROJECT.test(name)) return 'project';
  return IMAGE.test(name) || PACKED.test(name) ? 'image' : null;
}
