/** Calls about templates. */
import type { CallsOf, Rooms } from './rooms.ts';

export function templateCalls({ templates, guests }: Rooms): CallsOf<'templates'> {
  return {
    'templates.list': () => templates.list(),
    'templates.save': ({ guest, name, replace = false }) => {
      const { spec, imageName } = guests.entry(guest).manifest;
      // The whole name: what was written short at creation may mean another image later.
      return templates.save(name, { ...spec, image: imageName ?? spec.image }, replace);
    },
    'templates.remove': async ({ name }) => {
      await templates.remove(name);
      return null;
    },
  };
}
