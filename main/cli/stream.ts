/** Standard output and error as the far end of a stream: credit is given back as they take the bytes. */

export interface Output {
  /** `done`: the bytes were taken. */
  write(bytes: Uint8Array, done: () => void): void;
  /** Resolves when everything written so far was taken. */
  flushed(): Promise<void>;
}

export function toStdout(): Output {
  return output(process.stdout);
}
export function toStderr(): Output {
  return output(process.stderr);
}

function output(target: NodeJS.WriteStream): Output {
  let waiting = 0;
  const idle: (() => void)[] = [];
  return {
    write(bytes, done) {
      waiting += 1;
      target.write(bytes, () => {
        waiting -= 1;
        done();
        if (waiting === 0) for (const wake of idle.splice(0)) wake();
      });
    },
    flushed: () => (waiting === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
}
