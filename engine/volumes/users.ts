/** Which guests use which volume. */
import type { GuestRecord } from '../drivers/driver.ts';

/** Names of the volumes a guest sees, each once. */
export function volumesOf({ spec, ownVolumes = [] }: Pick<GuestRecord, 'spec' | 'ownVolumes'>): readonly string[] {
  const named = spec.mounts.map(({ source }) => source).filter((source) => !source.startsWith('/'));
  return [...new Set([...named, ...ownVolumes.map(({ volume }) => volume)])];
}

/** Names of guests by the name of the volume. */
export function volumeUsers(
  guests: readonly Pick<GuestRecord, 'spec' | 'ownVolumes'>[],
): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const guest of guests)
    for (const name of volumesOf(guest)) {
      const names = users.get(name);
      if (names) names.push(guest.spec.name);
      else users.set(name, [guest.spec.name]);
    }
  return users;
}
