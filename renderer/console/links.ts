/** Links a guest shows. It chooses their text and target, so nothing but a web page opens, and the target is seen. Pure. */

/** The address as it will be opened, or null when it is not a web page's. */
export function safeTarget(given: string): string | null {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    return null;
  }
  // A name and password in front of the host are the usual way to disguise it.
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.username || url.password) return null;
  return url.href;
}
