/** The page of a guest: a file of its own, because the list comes first. */

import type { ComponentProps } from 'svelte';
import { Lazy } from '../frame/lazy.svelte.ts';
import type GuestPage from './GuestPage.svelte';

export const guestPage = new Lazy<ComponentProps<typeof GuestPage>>(() => import('./GuestPage.svelte'));
