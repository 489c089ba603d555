/** What `up` has to do, from what the file wants and what is there. Pure. */

import type { GuestChange } from '../contract/api.ts';
import { PROJECT_LABEL } from '../contract/compose.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import type { Network, NetworkDraft } from '../contract/network.ts';
import type { Volume } from '../contract/volume.ts';
import { findImage } from './find-image.ts';
import { guestsOf, isUnchanged, markedDraft, serviceOf } from './labels.ts';
import type { Project } from './project.ts';
import type { Service } from './service.ts';

/** What is there. */
export interface Present {
  readonly guests: readonly Guest[];
  readonly images: readonly Image[];
  readonly networks: readonly Network[];
  readonly volumes: readonly Volume[];
}

export type Act =
  /** It is as it shall be; at most it is started. */
  | { readonly do: 'keep'; readonly guest: Guest }
  | { readonly do: 'create' }
  | { readonly do: 'update'; readonly guest: Guest; readonly change: GuestChange }
  /** What cannot be changed is made anew from nothing: the image, the isolation, the name. */
  | { readonly do: 'replace'; readonly guest: Guest };

export interface ResourcePlan {
  readonly networks: readonly NetworkDraft[];
  readonly volumes: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  /** Guests of the project whose service the file has no longer. */
  readonly orphans: readonly string[];
}

/** Throws `not-found` for an external one that is missing, `conflict` for one that is somebody else's. */
export function planResources(project: Project, present: Present): ResourcePlan {
  const missing = <T extends { name: string; external: boolean; key: string }>(
    what: 'network' | 'volume',
    wanted: readonly T[],
    there: readonly { readonly name: string }[],
  ): T[] =>
    wanted.filter((one) => {
      if (there.some(({ name }) => name === one.name)) return false;
      if (!one.external) return true;
      throw new GuesthouseError({
        code: 'not-found',
        message: `There is no ${what} ${one.name}, and the file says that it is external.`,
        subject: one.name,
        hint: `Make it with \`guesthouse ${what} create ${one.name}\`.`,
      });
    });
  for (const { name, external, mode } of project.networks) {
    const found = present.networks.find((network) => network.name === name);
    if (found && !external && (found.mode === 'isolated') !== (mode === 'isolated')) {
      throw new GuesthouseError({
        code: 'conflict',
        message: `The network ${name} is ${found.mode === 'isolated' ? '' : 'not '}isolated, unlike in the file.`,
        subject: name,
        hint: 'Take the project down first: a network does not change.',
      });
    }
  }
  const names = project.services.map(({ name }) => name);
  return {
    networks: missing('network', project.networks, present.networks).map(({ name, mode, subnet4, labels }) => ({
      name,
      mode,
      labels: { ...labels, [PROJECT_LABEL]: project.name },
      ...(subnet4 === null ? {} : { subnet4 }),
    })),
    volumes: missing('volume', project.volumes, present.volumes).map(({ name, labels }) => ({
      name,
      labels: { ...labels, [PROJECT_LABEL]: project.name },
    })),
    orphans: guestsOf(project.name, present.guests)
      .filter((guest) => !names.includes(serviceOf(guest)))
      .map(({ name }) => name),
  };
}

/** `image`: what the service's image is called in the store now. */
export function planService(project: string, service: Service, image: string, present: Present): Act {
  const draft = markedDraft(project, service);
  const guest =
    guestsOf(project, present.guests).find((one) => serviceOf(one) === service.name) ??
    present.guests.find(({ name }) => name === draft.name);
  if (!guest) return { do: 'create' };
  if (guest.spec.labels[PROJECT_LABEL] !== project) {
    throw new GuesthouseError({
      code: 'conflict',
      message: `There is a guest named ${draft.name} that does not belong to the project ${project}.`,
      subject: draft.name,
      hint: 'Rename or remove that guest, or give this project another name with -p.',
    });
  }
  const isSameImage = findImage(present.images, image)?.usedBy.includes(guest.name) ?? false;
  if (guest.state === 'creating' || guest.state === 'deleting') return { do: 'replace', guest };
  if (guest.name !== draft.name || guest.isolation !== draft.isolation || !isSameImage) return { do: 'replace', guest };
  if (isUnchanged(guest, service.draft)) return { do: 'keep', guest };
  const { name: _name, isolation: _isolation, image: _image, ...change } = draft;
  return { do: 'update', guest, change: keepPorts(change, guest) };
}

/** A port the engine chose stays the same over a change. */
function keepPorts(change: GuestChange, { ports }: Guest): GuestChange {
  return {
    ...change,
    ports: (change.ports ?? []).map((rule) => {
      if (rule.hostPort !== 0) return rule;
      const now = ports.find(
        (one) => one.guestPort === rule.guestPort && one.protocol === rule.protocol && one.hostIp === rule.hostIp,
      );
      return now ?? rule;
    }),
  };
}
