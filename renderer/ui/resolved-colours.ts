/** Colours for what cannot read custom properties: canvases and the terminal. `light-dark()` is resolved by the browser. */

/** The colour of each token where `host` stands, as `rgb(…)`. Read it again when `onThemeChange` tells. */
export function resolveColours<T extends string>(host: Element, tokens: readonly T[]): Record<T, string> {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const style = getComputedStyle(probe);
  const colours = {} as Record<T, string>;
  for (const token of tokens) {
    probe.style.color = `var(${token})`;
    colours[token] = style.color;
  }
  probe.remove();
  return colours;
}

/** The same colour with another opacity, 0 to 1. Takes what `resolveColours` gives. */
export function withAlpha(colour: string, alpha: number): string {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

/** Calls when theme, contrast or density changed, in the system or here. Returns what ends it. */
export function onThemeChange(run: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) => matchMedia(query));
  const observer = new MutationObserver(run);
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-theme', 'data-contrast', 'data-density'],
  });
  for (const query of queries) query.addEventListener('change', run);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', run);
  };
}
