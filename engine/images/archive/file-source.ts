/** Bytes that come, and are in a file as they come: who reads in another thread is given the file and not a copy. */

export interface FileSource extends AsyncIterable<Uint8Array> {
  /** Open for reading until whoever was given the source is done with it. */
  readonly fd: number;
  /** Waits for more than `at` bytes and says how many there are; null when all there will be is `at`. Throws why no more come. */
  beyond(at: number): Promise<number | null>;
  /** Told of bytes that were read from the file. */
  taken(count: number): void;
}

export function isFileSource(source: AsyncIterable<Uint8Array>): source is FileSource {
  // Node's own streams of files have an `fd` as well.
  return 'beyond' in source;
}
