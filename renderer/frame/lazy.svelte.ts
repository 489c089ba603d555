/**
 * Parts of the window that are a file of their own: the first picture does not wait for them. All of them are fetched while
 * nothing else goes on after it, so that they are there once somebody goes to them.
 */
import type { Component } from 'svelte';

/** What is known of a part without what it shows. */
export interface Part {
  /** Why it could not be fetched, in the browser's words. */
  readonly failure: string | null;
  /** Resolves once it is here or failed; what failed before is tried again. */
  get(): Promise<void>;
}

const all: Lazy<never>[] = [];
/** Idle or not, the next part is fetched after this (ms): a busy window is to have all of them, too. */
const LATEST_MS = 3000;

/** One such part; `component` is null until it is here. Who shows `Missing` in its place has it fetched. */
export class Lazy<Props extends Record<string, unknown> = Record<string, never>, Exports extends object = object>
  implements Part
{
  component = $state.raw<Component<Props, Exports> | null>(null);
  failure = $state.raw<string | null>(null);
  #fetch: () => Promise<{ default: Component<Props, Exports> }>;
  #under: Promise<void> | null = null;

  constructor(fetch: () => Promise<{ default: Component<Props, Exports> }>) {
    this.#fetch = fetch;
    all.push(this as unknown as Lazy<never>);
  }

  get(): Promise<void> {
    this.#under ??= this.#take();
    return this.#under;
  }

  async #take(): Promise<void> {
    try {
      this.component = (await this.#fetch()).default;
      this.failure = null;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.#under = null;
    }
  }
}

/** Fetches what is not here yet, one after the other. What fails is tried again when it is wanted. */
export async function fetchAll(): Promise<void> {
  for (const part of all) {
    if (part.component) continue;
    await new Promise<unknown>((resolve) => requestIdleCallback(resolve, { timeout: LATEST_MS }));
    await part.get();
  }
}
