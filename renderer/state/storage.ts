/** Small settings of this browser profile. A full or forbidden storage loses the setting, never the window. */
const PREFIX = 'guesthouse.';

export function readSetting<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    const value: unknown = text === null ? null : JSON.parse(text);
    return typeof value === typeof fallback && value !== null ? (value as T) : fallback;
  } catch {
    return fallback;
  }
}

export function writeSetting(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Private windows and full disks: it is forgotten at the next start.
  }
}

/** Another window of this profile changed the setting: `read` takes it over. */
export function whenChangedElsewhere(name: string, read: () => void): void {
  globalThis.addEventListener?.('storage', ({ key }: StorageEvent) => {
    if (key === PREFIX + name) read();
  });
}
