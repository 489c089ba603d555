/** One piece at a time from code that makes bytes to code that takes them; neither runs ahead of the other. */
export interface Channel {
  /** Resolves when the piece was taken and used. Rejects when nobody takes any more. */
  put(piece: Buffer): Promise<void>;
  /** Nothing comes after it; whoever takes gets the error, if there is one. */
  end(error: unknown): void;
  taken(): AsyncGenerator<Buffer>;
  /** Nobody takes any more. */
  close(): void;
}

export function createChannel(): Channel {
  let waiting: Buffer | null = null;
  let ended = false;
  let failure: unknown = null;
  let closed = false;
  let wake = () => {};
  let taken = () => {};
  return {
    put(piece: Buffer): Promise<void> {
      waiting = piece;
      wake();
      return new Promise((resolve, reject) => {
        taken = () => (closed ? reject(new Error('Nobody reads on.')) : resolve());
        if (closed) taken();
      });
    },
    close(): void {
      closed = true;
      taken();
    },
    end(error: unknown): void {
      ended = true;
      failure = error;
      wake();
    },
    async *taken(): AsyncGenerator<Buffer> {
      for (;;) {
        if (waiting !== null) {
          const piece = waiting;
          waiting = null;
          yield piece;
          taken();
        } else if (ended) {
          if (failure !== null) throw failure;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
