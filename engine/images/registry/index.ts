/** The registry client as the store uses it. */
export { pullImage } from './pull.ts';
export { parseReference } from './reference.ts';
export { defaultRegistry, placesOf } from './settings.ts';
export { tagsOf } from './tags.ts';
