/** Templates: keeping how a guest is, making another like it, letting a template go. */
import { SvelteMap } from 'svelte/reactivity';
import type { Guest, Template } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { m } from '../messages.ts';
import { asking } from './asking.svelte.ts';
import { type Command, command } from './command.ts';
import { draft } from './draft.svelte.ts';
import { house } from './house.svelte.ts';
import { prompting } from './prompting.svelte.ts';
import { route } from './route.svelte.ts';
import { toasts } from './toasts.svelte.ts';

const text = m.templates;
const offline = () => (engine.link === 'open' ? null : m.guests.offline);

/** As last asked for, by name. */
export const templates = new SvelteMap<string, Template>();

/** Asks what there is; what cannot be asked now is what there was. */
export async function refreshTemplates(): Promise<void> {
  const all = await engine.call('templates.list', {}).catch(() => null);
  if (!all) return;
  templates.clear();
  for (const template of all) templates.set(template.name, template);
}

export const saveTemplate = (guest: Guest): Command =>
  command({
    id: 'guest.template',
    title: `${text.save.act}: ${guest.name}`,
    label: text.save.command,
    icon: 'file',
    why: offline(),
    words: 'template preset again',
    run: () =>
      prompting.ask({
        title: text.save.title(guest.name),
        text: text.save.text,
        fields: [
          { kind: 'text', key: 'name', label: text.name, value: guest.name },
          { kind: 'check', key: 'replace', label: text.save.replace },
        ],
        keep: text.save.keep,
        yes: text.save.yes,
        run: async ({ name = '', replace }) => {
          const wish = { guest: guest.id, name: name.trim(), ...(replace ? { replace: true } : {}) };
          const template = await engine.call('templates.save', wish);
          await refreshTemplates();
          toasts.show(text.save.done(template.name));
        },
      }),
  });

export const useTemplate = (template: Template): Command =>
  command({
    id: 'template.use',
    title: text.use(template.name),
    label: template.name,
    icon: 'plus',
    words: `template new guest ${template.spec.image ?? ''} ${template.spec.isolation}`,
    run: () => {
      draft.useTemplate(template, house.images.values());
      route.go({ view: 'new' });
    },
  });

export const removeTemplate = (template: Template): Command =>
  command({
    id: 'template.remove',
    title: text.remove.command(template.name),
    icon: 'trash',
    danger: true,
    why: offline(),
    run: () =>
      asking.ask({
        title: text.remove.title(template.name),
        text: text.remove.text,
        keep: text.remove.keep(template.name),
        yes: text.remove.yes(template.name),
        run: async () => {
          await engine.call('templates.remove', { name: template.name });
          await refreshTemplates();
        },
      }),
  });
