/** The pages of the window beside the list of guests, and its dialogs: files of their own, see frame/lazy.svelte.ts. */
import { Lazy } from './frame/lazy.svelte.ts';
import type { Place } from './state/path.ts';

/** Palette, questions and forms. */
export const dialogs = new Lazy(() => import('./Dialogs.svelte'));

export const screens: Readonly<Record<Exclude<Place['view'], 'guests'>, Lazy>> = {
  new: new Lazy(() => import('./create/NewGuest.svelte')),
  images: new Lazy(() => import('./images/Images.svelte')),
  activity: new Lazy(() => import('./activity/Activity.svelte')),
  hosts: new Lazy(() => import('./host/Hosts.svelte')),
  resources: new Lazy(() => import('./resources/ResourcesPage.svelte')),
  networks: new Lazy(() => import('./networks/Networks.svelte')),
  volumes: new Lazy(() => import('./volumes/Volumes.svelte')),
  compare: new Lazy(() => import('./compare/ComparePage.svelte')),
  settings: new Lazy(() => import('./settings/Settings.svelte')),
  design: new Lazy(() => import('./design/DesignPage.svelte')),
};

/** Few see these: they come last. */
export const composeDialog = new Lazy(() => import('./compose/ComposeDialog.svelte'));
export const tourCard = new Lazy(() => import('./tour/Tour.svelte'));
