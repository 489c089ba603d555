/** Worker threads and processes of Node that parse nothing this process has parsed before. */
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The folder to name to Node, which keeps one of its version inside; null: this process has none. */
export function compileCache(): string | null {
  const folder = getCompileCacheDir();
  return folder ? dirname(folder) : null;
}

/**
 * A thread of that file. Without the cache, which a thread has to ask for itself, it would load Node's remover of types
 * first: more than twice the work of starting.
 */
export function startWorker(file: URL, options: WorkerOptions = {}): Worker {
  const cache = compileCache();
  if (cache === null) return new Worker(file, options);
  const words = [
    `require('node:module').enableCompileCache(${JSON.stringify(cache)})`,
    `import(${JSON.stringify(file)})`,
  ];
  return new Worker(words.join(';'), { ...options, eval: true });
}
