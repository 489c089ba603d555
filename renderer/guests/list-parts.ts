/** Parts of the list that its first picture does not wait for: what menus are made of is a quarter of the window's script. */
import type { ComponentProps } from 'svelte';
import { Lazy } from '../frame/lazy.svelte.ts';
import type BulkBar from './BulkBar.svelte';
import type ListMenus from './ListMenus.svelte';
import type RowsMenu from './RowsMenu.svelte';

export const listMenus = new Lazy<ComponentProps<typeof ListMenus>>(() => import('./ListMenus.svelte'));
export const rowsMenu = new Lazy<ComponentProps<typeof RowsMenu>, ReturnType<typeof RowsMenu>>(
  () => import('./RowsMenu.svelte'),
);
export const bulkBar = new Lazy<ComponentProps<typeof BulkBar>>(() => import('./BulkBar.svelte'));
