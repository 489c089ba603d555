/** What `up` would do, as a window shows it. Pure. */
import { createHash } from 'node:crypto';
import type { ComposePlan } from '../contract/compose.ts';
import { findImage } from './find-image.ts';
import { markedDraft } from './labels.ts';
import { type Present, planResources, planService } from './plan.ts';
import type { Project } from './project.ts';
import { chosen } from './up.ts';

/** Throws what `up` would throw before it makes anything. */
export function showPlan(
  project: Project,
  present: Present,
  profiles: readonly string[],
): Omit<ComposePlan, 'problems'> {
  const services = chosen(project, [], profiles);
  const { orphans } = planResources(project, present);
  const isThere = (all: readonly { readonly name: string }[], wanted: string) =>
    all.some(({ name }) => name === wanted);
  return {
    project: project.name,
    services: services.map((service) => {
      const { name, draft, build, dependsOn, pull } = service;
      const known = findImage(present.images, draft.image) !== undefined;
      const isBuilt = build !== null && (!known || pull === 'build');
      return {
        service: name,
        guest: draft.name,
        isolation: draft.isolation,
        image: draft.image,
        from: isBuilt ? ('build' as const) : known && pull !== 'always' ? ('store' as const) : ('pull' as const),
        context: isBuilt ? build.context : null,
        ports: draft.ports ?? [],
        mounts: draft.mounts ?? [],
        networks: [draft.network ?? '', ...(draft.moreNetworks ?? [])].filter((network) => network !== ''),
        after: dependsOn.map((one) => one.service),
        act: planService(project.name, service, draft.image, present).do,
      };
    }),
    networks: project.networks.map(({ name, external, mode }) => ({
      name,
      external,
      isolated: mode === 'isolated',
      there: isThere(present.networks, name),
    })),
    volumes: project.volumes.map(({ name, external }) => ({
      name,
      external,
      there: isThere(present.volumes, name),
    })),
    profiles: [...new Set(project.services.flatMap((service) => service.profiles))].sort(),
    leftOut: project.services.filter((service) => !services.includes(service)).map(({ name }) => name),
    orphans,
    unset: project.unset,
    mark: createHash('sha256')
      .update(
        JSON.stringify([
          services.map((one) => [markedDraft(project.name, one), one.build]),
          project.networks,
          project.volumes,
        ]),
      )
      .digest('hex'),
  };
}
