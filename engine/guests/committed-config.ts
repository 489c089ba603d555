/** How programs of an image made of a guest are started: as in the guest. Pure. */
import type { GuestSpec } from '../contract/guest.ts';
import type { ImageConfig } from '../contract/image.ts';

/** `command`: replaces the guest's own. */
export function committedConfig(image: ImageConfig, spec: GuestSpec, command?: readonly string[]): ImageConfig {
  // A new entrypoint takes the image's arguments with it, as when the guest was started.
  const ownCommand = spec.command ?? (spec.entrypoint === null ? image.cmd : []);
  const ports = spec.ports.filter(({ protocol }) => protocol === 'tcp').map(({ guestPort }) => guestPort);
  const health = spec.health === null ? image.health : spec.health.command.length === 0 ? null : spec.health;
  return {
    entrypoint: spec.entrypoint ?? image.entrypoint,
    cmd: command ?? ownCommand,
    env: mergedEnv(image.env, spec.env),
    workingDir: spec.workingDir ?? image.workingDir,
    user: spec.user ?? image.user,
    exposedPorts: [...new Set([...image.exposedPorts, ...ports])].sort((a, b) => a - b),
    volumes: image.volumes,
    stopSignal: spec.stopSignal ?? image.stopSignal,
    health,
    labels: { ...image.labels, ...spec.labels },
  };
}

function mergedEnv(image: readonly string[], own: Readonly<Record<string, string>>): string[] {
  const nameOf = (entry: string) => entry.slice(0, entry.indexOf('='));
  const kept = image.filter((entry) => !Object.hasOwn(own, nameOf(entry)));
  return [...kept, ...Object.entries(own).map(([name, value]) => `${name}=${value}`)];
}
