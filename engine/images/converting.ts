/** The store's doors to conversion; what is behind them is loaded when it is used. */
import type { Inside } from './inside.ts';
import type { ImageStore } from './store.ts';

export function createConverting(inside: Inside): Pick<ImageStore, 'convert' | 'unpack'> {
  return {
    async convert(disk, target, to, operation) {
      const { convertFile } = await import('./convert/disk-file.ts');
      return convertFile(disk, target, to, inside, operation);
    },
    async unpack(from, kind, target, operation) {
      const { unpackInto } = await import('./import/unpack.ts');
      await unpackInto(from, kind, target, from.shownPath, { operation, inside });
    },
  };
}
