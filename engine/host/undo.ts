/** An undo list: each step of a long act says how it is taken back; a failure takes back all, latest first. */
export class Undo {
  #steps: { what: string; how: () => unknown }[] = [];

  /** Registers how the step just done is taken back. */
  defer(what: string, how: () => unknown): void {
    this.#steps.push({ what, how });
  }

  /** The act succeeded: nothing is taken back. */
  commit(): void {
    this.#steps = [];
  }

  /** Takes everything back. A step that fails is reported and the rest still run. */
  async rollback(onError: (what: string, error: unknown) => void): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step.how();
      } catch (error) {
        onError(step.what, error);
      }
    }
  }
}
