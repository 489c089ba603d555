/** The catalogue of others' images, read when somebody looks at it. */
import {
  type Catalogue,
  type CatalogueEntry,
  type CatalogueVendor,
  type ErrorShape,
  type Image,
  toErrorShape,
} from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { host } from './host.svelte.ts';
import { house } from './house.svelte.ts';

/** As images of containers call what machines are made for. */
const OF_HOSTS: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

class CatalogueState {
  #all = $state.raw<Catalogue | null>(null);
  error = $state.raw<ErrorShape | null>(null);
  /** What is searched for in it. */
  wanted = $state('');
  /** Name of what is fetched now. */
  fetching = $state<string | null>(null);

  readonly loaded = $derived(this.#all !== null);
  readonly notes = $derived(this.#all?.notes ?? []);
  readonly operation = $derived(
    this.fetching === null
      ? undefined
      : [...house.operations.values()].find(
          ({ verb, state, target }) => verb === 'fetch-image' && state === 'running' && target === this.fetching,
        ),
  );

  async load(): Promise<void> {
    try {
      this.#all = await engine.call('images.catalogue', {});
      this.error = null;
    } catch (thrown) {
      this.error = toErrorShape(thrown);
    }
  }

  /** Every word must be in it; what this host runs without emulation comes first. */
  found(wanted: string): readonly CatalogueEntry[] {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const entries = (this.#all?.entries ?? []).filter((entry) => {
      const text =
        `${entry.name} ${entry.title} ${entry.kind} ${entry.architecture} ${entry.distribution}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const [own, others] = [false, true].map((emulated) => entries.filter((one) => this.isEmulated(one) === emulated));
    return [...(own ?? []), ...(others ?? [])];
  }

  /** It is made for another processor than this host's. */
  isEmulated({ architecture }: CatalogueEntry): boolean {
    const here = host.info?.architecture;
    return here !== undefined && architecture !== (OF_HOSTS[here] ?? here);
  }

  vendor({ vendor }: CatalogueEntry): CatalogueVendor | undefined {
    return this.#all?.vendors.find(({ name }) => name === vendor);
  }

  /** In the store now, whatever was so when the catalogue was read. */
  imageOf({ name }: CatalogueEntry): Image | undefined {
    return [...house.images.values()].find((image) => [image.name, ...image.aliases].includes(`${name}:latest`));
  }

  async fetch({ name }: CatalogueEntry): Promise<Image> {
    this.fetching = name;
    try {
      return await engine.call('images.fetch', { name });
    } finally {
      this.fetching = null;
    }
  }

  /** Answers why not, or null. */
  async setMirror(vendor: string, address: string): Promise<ErrorShape | null> {
    try {
      this.#all = await engine.call('images.setMirror', { vendor, address: address.trim() || null });
      return null;
    } catch (thrown) {
      return toErrorShape(thrown);
    }
  }
}

export const catalogue = new CatalogueState();
