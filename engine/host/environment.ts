/** The environment of programs the engine starts. */

/** What a program started by the engine may know of our environment: nothing else leaks into guests or tools. */
export function cleanEnv(extra: Record<string, string> = {}): Record<string, string> {
  const { PATH, HOME, XDG_RUNTIME_DIR, TMPDIR, DBUS_SESSION_BUS_ADDRESS } = process.env;
  // Debian keeps runc, ip and nft in sbin, which an ordinary user's PATH leaves out: each bin brings its sbin.
  const given = (PATH ?? '/usr/local/bin:/usr/bin:/bin').split(':').filter(Boolean);
  const paths = new Set([
    ...given,
    ...given.filter((path) => /\/bin$/.test(path)).map((path) => path.replace(/bin$/, 'sbin')),
  ]);
  return {
    PATH: [...paths].join(':'),
    LANG: 'C.UTF-8',
    ...(HOME ? { HOME } : {}),
    ...(XDG_RUNTIME_DIR ? { XDG_RUNTIME_DIR } : {}),
    ...(TMPDIR ? { TMPDIR } : {}),
    ...(DBUS_SESSION_BUS_ADDRESS ? { DBUS_SESSION_BUS_ADDRESS } : {}),
    ...extra,
  };
}
