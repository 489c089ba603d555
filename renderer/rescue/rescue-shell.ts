/** A shell in the small machine that has a guest's disks open. */
import { type ErrorShape, type Guest, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { preferences } from '../console/preferences.svelte.ts';
import { m } from '../messages.ts';
import { type Command, command } from '../state/command.ts';
import { route } from '../state/route.svelte.ts';

export const rescueShell = (guest: Guest, report: (error: ErrorShape) => void): Command =>
  command({
    id: 'rescue.shell',
    title: m.rescue.shell,
    icon: 'terminal',
    why: engine.link === 'open' ? null : m.guests.offline,
    run: async () => {
      try {
        const session = await engine.call('rescue.shell', { guest: guest.id });
        preferences.keepConsole(guest.id, session.id);
        route.guest(guest.id, 'console');
      } catch (thrown) {
        report(toErrorShape(thrown));
      }
    },
  });
