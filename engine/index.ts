/** The engine's one public door. */
export type { StreamSink, StreamSource } from './api/streams.ts';
export { type Engine, type EngineOptions, openEngine } from './engine.ts';
export { type Paths, resolvePaths } from './host/paths.ts';
