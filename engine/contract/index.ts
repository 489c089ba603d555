/** The contract in one import. Nothing here imports anything outside this folder. */
export * from './api.ts';
export * from './client.ts';
export * from './disk.ts';
export * from './errors.ts';
export * from './event.ts';
export * from './files.ts';
export * from './first-login.ts';
export * from './found.ts';
export * from './guest.ts';
export * from './host.ts';
export * from './image.ts';
export * from './machine.ts';
export * from './metrics.ts';
export * from './network.ts';
export * from './operation.ts';
export * from './volume.ts';
export * from './wire.ts';
