/** Shapes of the window's icons: 16 px, 1.5 stroke. Drawn once as symbols, used by name. */
export const ICONS = {
  activity: '<path d="M1.75 8.5h2.5l2-5.5 3.5 10 2-4.5h2.5"/>',
  camera:
    '<path d="M2 5.5a1 1 0 0 1 1-1h2l1-1.5h4l1 1.5h2a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z"/><circle cx="8" cy="8.25" r="2.25"/>',
  check: '<path d="m3 8.5 3.25 3.25L13 5"/>',
  close: '<path d="m4 4 8 8M12 4l-8 8"/>',
  compare: '<path d="M2.5 13.5h11M4 11V7.5M8 11V2.5M12 11V5.5"/>',
  columns: '<rect x="2" y="2.75" width="12" height="10.5" rx="1.5"/><path d="M6 2.75v10.5M10 2.75v10.5"/>',
  copy: '<rect x="5.5" y="5.5" width="8" height="8" rx="1"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>',
  edit: '<path d="M10.5 3.25 12.75 5.5 5.5 12.75l-3 .75.75-3z"/>',
  export: '<path d="M8 10.25V3M5 5.75l3-3 3 3M2.75 11v1.5a1 1 0 0 0 1 1h8.5a1 1 0 0 0 1-1V11"/>',
  tag: '<path d="M2.5 2.5h5l6 6-5 5-6-6zM5.25 5.25h.01"/>',
  link: '<path d="M6.5 9.5l3-3M7 4.5l1.25-1.25a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.25 1.25a3 3 0 0 1-4.5-4.5L4.5 7"/>',
  broom: '<path d="M9.5 6.5 13.5 2.5M4 8.5l3.5 3.5M8.25 5.25l2.5 2.5-3 5.75-5.25-5.25z"/>',
  down: '<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>',
  dock: '<rect x="2" y="2.75" width="12" height="10.5" rx="1.5"/><path d="M2 9.5h12"/>',
  file: '<path d="M4 2.5h5l3 3v7a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM9 2.5v3h3"/>',
  filter: '<path d="M2.5 4h11M4.75 8h6.5M7 12h2"/>',
  folder: '<path d="M2 4.5a1 1 0 0 1 1-1h3l1.5 1.75H13a1 1 0 0 1 1 1v5.25a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z"/>',
  guests:
    '<rect x="2" y="2.75" width="12" height="4.25" rx="1"/><rect x="2" y="9" width="12" height="4.25" rx="1"/><path d="M4.5 4.9h.01M4.5 11.1h.01"/>',
  hosts: '<rect x="2" y="3" width="12" height="8" rx="1"/><path d="M5.5 13.5h5M8 11v2.5"/>',
  images: '<path d="M8 2 2 5l6 3 6-3zM2 8l6 3 6-3M2 11l6 3 6-3"/>',
  import: '<path d="M8 2.5v7.25M5 7l3 3 3-3M2.75 11v1.5a1 1 0 0 0 1 1h8.5a1 1 0 0 0 1-1V11"/>',
  keys: '<rect x="1.75" y="3.75" width="12.5" height="8.5" rx="1"/><path d="M4.5 6.5h.01M7.25 6.5h.01M10 6.5h.01M11.5 9.5h.01M4.5 9.5h4.5"/>',
  kill: '<circle cx="8" cy="8" r="5.75"/><path d="m5.75 5.75 4.5 4.5M10.25 5.75l-4.5 4.5"/>',
  left: '<path d="M9.5 4.5 6 8l3.5 3.5"/>',
  max: '<rect x="3.75" y="3.75" width="8.5" height="8.5" rx="1"/>',
  min: '<path d="M3.5 8h9"/>',
  more: '<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.25"/>',
  networks:
    '<circle cx="8" cy="3.5" r="1.75"/><circle cx="3.5" cy="12.25" r="1.75"/><circle cx="12.5" cy="12.25" r="1.75"/><path d="M8 5.25V8M3.5 10.5V8h9v2.5"/>',
  pause: '<path d="M5.5 3.5v9M10.5 3.5v9"/>',
  plus: '<path d="M8 3v10M3 8h10"/>',
  rail: '<rect x="2" y="2.75" width="12" height="10.5" rx="1.5"/><path d="M6 3v10"/>',
  resources: '<path d="M2.5 2.5v11h11"/><path d="M5 11V8.5l2.5-3 2.5 2 3-4V11z"/>',
  restart: '<path d="M13 8a5 5 0 1 1-1.6-3.65M13 2.5v2.75h-2.75"/>',
  right: '<path d="M6.5 4.5 10 8l-3.5 3.5"/>',
  screen: '<path d="M2.75 6V2.75H6M10 2.75h3.25V6M13.25 10v3.25H10M6 13.25H2.75V10"/>',
  search: '<circle cx="7" cy="7" r="4.25"/><path d="m10.25 10.25 3.25 3.25"/>',
  settings:
    '<path d="M2 4.5h6.5M12 4.5h2M2 11.5h2M7.5 11.5H14"/><circle cx="10.25" cy="4.5" r="1.75"/><circle cx="5.75" cy="11.5" r="1.75"/>',
  start: '<path d="M5 3.25v9.5L12.75 8z"/>',
  stop: '<rect x="4" y="4" width="8" height="8" rx="1"/>',
  terminal: '<rect x="1.75" y="2.75" width="12.5" height="10.5" rx="1.5"/><path d="m4.5 6 2 2-2 2M8.5 10.25h3"/>',
  trash:
    '<path d="M2.75 4.5h10.5M6.25 4.5v-2h3.5v2M4.25 4.5l.6 8.1a1 1 0 0 0 1 .9h4.3a1 1 0 0 0 1-.9l.6-8.1M6.75 7v4M9.25 7v4"/>',
  up: '<path d="m4.5 9.5 3.5-3.5 3.5 3.5"/>',
  volumes:
    '<path d="M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2zM2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2"/>',
  warn: '<path d="M8 2.25 14.25 13H1.75zM8 6.5v3M8 11.25h.01"/>',
} as const;

export type IconName = keyof typeof ICONS;

/** Isolation: low ribbed box, hexagon with a core, square in a square. Told apart without colour. */
export const ISOLATION_SHAPES = {
  container: '<rect x="1.75" y="3.25" width="12.5" height="9.5" rx="1.25"/><path d="M5 6v4M8 6v4M11 6v4"/>',
  microvm:
    '<path d="M8 1.5l5.65 3.25v6.5L8 14.5l-5.65-3.25v-6.5z"/><circle cx="8" cy="8" r="2" fill="currentColor" stroke="none"/>',
  vm: '<rect x="1.75" y="1.75" width="12.5" height="12.5" rx="1.25"/><rect x="5" y="5" width="6" height="6" rx=".5" fill="currentColor" stroke="none"/>',
} as const;

/** Guest states, 12 px: disc, turning ring, bars, hollow ring, diamond, dashed ring. */
export const STATE_SHAPES = {
  running: '<circle cx="6" cy="6" r="4" fill="currentColor"/>',
  busy: '<path d="M6 2a4 4 0 1 1-4 4" fill="none" stroke="currentColor" stroke-width="2"/>',
  paused: '<path d="M3 2h2v8H3zM7 2h2v8H7z" fill="currentColor"/>',
  stopped: '<circle cx="6" cy="6" r="3.25" fill="none" stroke="currentColor" stroke-width="1.5"/>',
  failed: '<path d="M6 1l5 5-5 5-5-5z" fill="currentColor"/>',
  unknown:
    '<circle cx="6" cy="6" r="3.5" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 1.65"/>',
} as const;

export type StateShape = keyof typeof STATE_SHAPES;
