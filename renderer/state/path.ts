/** Addresses of the window, `#/guests/<id>/<tab>` and so on. Pure both ways. */

export const SECTIONS = [
  'guests',
  'images',
  'networks',
  'volumes',
  'hosts',
  'resources',
  'compare',
  'activity',
  'settings',
] as const;
export type Section = (typeof SECTIONS)[number];

export const TABS = [
  'overview',
  'console',
  'resources',
  'processes',
  'snapshots',
  'files',
  'settings',
  'activity',
  'isolation',
] as const;
export type Tab = (typeof TABS)[number];

export type Place =
  | { readonly view: 'guests'; readonly guest: string | null; readonly tab: Tab }
  | { readonly view: 'new' }
  /** What the window is built of: reached from Settings and the palette. */
  | { readonly view: 'design' }
  | { readonly view: Exclude<Section, 'guests'> };

export function parsePath(hash: string): Place {
  const [first = '', second, third] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  if (first === 'new' || first === 'design') return { view: first };
  if (first !== 'guests' && (SECTIONS as readonly string[]).includes(first)) {
    return { view: first as Exclude<Section, 'guests'> };
  }
  const tab = (TABS as readonly string[]).includes(third ?? '') ? (third as Tab) : 'overview';
  return { view: 'guests', guest: first === 'guests' && second ? second : null, tab };
}

export function formatPath(place: Place): string {
  if (place.view !== 'guests') return `#/${place.view}`;
  if (!place.guest) return '#/guests';
  const tab = place.tab === 'overview' ? '' : `/${place.tab}`;
  return `#/guests/${encodeURIComponent(place.guest)}${tab}`;
}

/** The rail's entry that a place belongs to. */
export function sectionOf(place: Place): Section {
  if (place.view === 'design') return 'settings';
  return place.view === 'new' ? 'guests' : place.view;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
