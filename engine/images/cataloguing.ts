/** The store's doors to the catalogue; what is behind them is loaded when it is used. */
import type { Catalogue } from '../contract/catalogue.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Image } from '../contract/image.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { hostArchitecture } from './config.ts';
import type { Turns } from './fetch/turns.ts';
import type { MadeImage, Workshop } from './made.ts';
import type { ImageRecord } from './records.ts';
import type { ImageStore } from './store.ts';

export interface CatalogueRooms {
  readonly home: string;
  readonly partials: string;
  readonly turns: Turns;
  readonly records: ReadonlyMap<string, ImageRecord>;
  inWorkshop<T>(doing: string, operation: OperationContext, make: (shop: Workshop) => Promise<T>): Promise<T>;
  admit(made: MadeImage): Promise<ImageRecord>;
  shown(record: ImageRecord, asked?: string): Image;
  keep(record: ImageRecord): Promise<void>;
}

export function createCataloguing(rooms: CatalogueRooms): Pick<ImageStore, 'catalogue' | 'fetch' | 'setMirror'> {
  const { home, records, partials, turns } = rooms;
  const find = (name: string) => [...records.values()].find(({ names }) => names.includes(`${name}:latest`));
  const never = new AbortController().signal;

  return {
    async catalogue(): Promise<Catalogue> {
      const { readCatalogue } = await import('./catalogue/read.ts');
      const { images, vendors, notes } = await readCatalogue(home, never);
      const used = [...vendors.values()].filter(({ name }) => images.some(({ vendor }) => vendor === name));
      return {
        entries: images.map(({ path: _, sums, signature, sizeMib, ...entry }) => ({
          ...entry,
          signed: signature !== undefined,
          sizeBytes: sizeMib === undefined ? null : sizeMib * 1024 ** 2,
          imageId: find(entry.name)?.id ?? null,
        })),
        vendors: used.map(({ name, title, mirrors, chosenBy }) => ({
          name,
          title,
          mirrors: [...mirrors],
          chosenBy,
          example: images.find(({ vendor }) => vendor === name)?.sums[0] ?? '',
        })),
        notes,
      };
    },

    async fetch(wished, operation) {
      const { readCatalogue } = await import('./catalogue/read.ts');
      const { getImage } = await import('./catalogue/get.ts');
      const { images, vendors } = await readCatalogue(home, operation.signal);
      const name = wished.replace(/:latest$/, '');
      const image =
        images.find((one) => one.name === name) ?? images.find((one) => one.name === `${name}-${hostArchitecture()}`);
      const vendor = image && vendors.get(image.vendor);
      if (!image || !vendor)
        throw new GuesthouseError({
          code: 'not-found',
          message: `The catalogue has no ${JSON.stringify(wished.slice(0, 80))}.`,
          subject: wished.slice(0, 80),
          hint: 'See `guesthouse image catalogue`.',
        });
      const known = (hex: string) => [...records.values()].find(({ fetched }) => fetched === hex)?.id ?? null;
      return rooms.inWorkshop(`fetching ${image.name}`, operation, async (workshop) => {
        const got = await getImage(image, vendor, { ...workshop, home, partials, turns, known });
        const full = `${image.name}:latest`;
        if ('made' in got) return rooms.shown(await rooms.admit(got.made), full);
        const record = records.get(got.known) as ImageRecord;
        const names = record.names.includes(full) ? record.names : [full, ...record.names];
        const origin = got.origin ?? record.origin;
        if (names !== record.names || origin !== record.origin) await rooms.keep({ ...record, names, origin });
        return rooms.shown(records.get(got.known) as ImageRecord, full);
      });
    },

    async setMirror(vendor, address) {
      const { readCatalogue, setMirror } = await import('./catalogue/read.ts');
      const { vendors } = await readCatalogue(home, never);
      if (vendors.has(vendor)) return setMirror(home, vendor, address);
      throw new GuesthouseError({
        code: 'not-found',
        message: `The catalogue knows no ${JSON.stringify(vendor.slice(0, 80))}.`,
        subject: vendor.slice(0, 80),
        hint: 'See `guesthouse image catalogue`.',
      });
    },
  };
}
