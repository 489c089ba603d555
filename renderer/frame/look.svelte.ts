/** Theme, density and contrast as attributes of the page, which the tokens read. */
import { MediaQuery } from 'svelte/reactivity';
import { layout } from '../state/layout.svelte.ts';

/** While the component that calls it is shown. High contrast keeps the system's light or dark. */
export function followLook(): void {
  const wantsMore = new MediaQuery('(prefers-contrast: more)');
  $effect(() => {
    const { dataset } = document.documentElement;
    if (layout.theme === 'light' || layout.theme === 'dark') dataset.theme = layout.theme;
    else delete dataset.theme;
    if (layout.theme === 'contrast' || wantsMore.current) dataset.contrast = 'more';
    else delete dataset.contrast;
    dataset.density = layout.density;
  });
}
