/** Calls about projects of a compose file: what the command line does as a client, done here for whoever has none. */

import { down } from '../compose/down.ts';
import { ensureImage, type ImageShop } from '../compose/ensure-image.ts';
import { markedDraft } from '../compose/labels.ts';
import type { Link } from '../compose/link.ts';
import { readWish } from '../compose/read-file.ts';
import { showPlan } from '../compose/show.ts';
import { chosen, look, up } from '../compose/up.ts';
import { PROJECT_LABEL } from '../contract/compose.ts';
import type { ErrorShape } from '../contract/errors.ts';
import { GuesthouseError } from '../contract/errors.ts';
import type { Image } from '../contract/image.ts';
import type { OperationVerb, Progress } from '../contract/operation.ts';
import type { OperationContext } from '../drivers/driver.ts';
import { askedWithin } from '../guests/asking.ts';
import { schemas } from './edge.ts';
import type { Calls, CallsOf, Rooms } from './rooms.ts';

/** How long one service waits for another (ms). */
const WAIT_MS = 300_000;
/** What comes with the project is not there yet. */
const MADE_LATER = /^(image|network|moreNetworks)\b/;

export function composeCalls(rooms: Rooms, calls: () => Calls): CallsOf<'compose'> {
  const { operations } = rooms;
  // What a file asks for is looked at like what a window asks for.
  const linkFor = (project: string): Link => ({
    call: async (name, args) => {
      const { parseCall } = await schemas();
      const answer = calls()[name] as (args: unknown) => Promise<never>;
      const checked = parseCall(name, args);
      return askedWithin({ by: 'compose', project }, () => answer(checked), { name, args: checked });
    },
    subscribe: (_topic, _args, onEvent) => rooms.feed.subscribe(onEvent as never),
  });
  const busy = new Set<string>();
  const alone = async <T>(project: string, act: () => Promise<T>): Promise<T> => {
    if (busy.has(project))
      throw new GuesthouseError({
        code: 'busy',
        message: `The project ${project} is being brought up or taken down already.`,
        subject: project,
        hint: 'Wait for it, or cancel it.',
      });
    busy.add(project);
    return act().finally(() => busy.delete(project));
  };

  return {
    'compose.plan': async (wish) => {
      const project = readWish(wish);
      const link = linkFor(project.name);
      const shown = showPlan(project, await look(link), wish.profiles ?? []);
      const problems: { service: string; error: ErrorShape }[] = [];
      for (const service of chosen(project, [], wish.profiles ?? [])) {
        if (shown.services.find((one) => one.service === service.name)?.act !== 'create') continue;
        const { problems: found } = await link.call('guests.check', { draft: markedDraft(project.name, service) });
        for (const { field, error } of found)
          if (!MADE_LATER.test(field)) problems.push({ service: service.name, error });
      }
      return { ...shown, problems };
    },

    'compose.up': async ({ mark, ...wish }) => {
      const project = readWish(wish);
      const link = linkFor(project.name);
      const profiles = wish.profiles ?? [];
      const plan = showPlan(project, await look(link), profiles);
      if (mark !== undefined && mark !== plan.mark)
        throw new GuesthouseError({
          code: 'conflict',
          message: 'The file says something else now than when it was shown.',
          subject: project.name,
          hint: 'Look at it again, then start it.',
        });
      return alone(project.name, () =>
        operations.run(
          { verb: 'compose-up', targetId: null, target: project.name, cancellable: true },
          async (operation) => {
            let done = 0;
            const steps = plan.services.length * 2;
            const tell = (progress: Progress) =>
              operation.progress({ ...progress, fraction: (done + (progress.fraction ?? 0)) / steps });
            for (const name of project.unset) operation.log?.(`The variable ${name} is not set; it counts as empty.`);
            const made = await up(link, project, {
              profiles,
              services: [],
              build: false,
              waitMs: WAIT_MS,
              signal: operation.signal,
              images: imagesWithin(rooms, operation, tell),
              onStep: () => {
                done += 1;
              },
              say: (line) => {
                operation.log?.(line);
                tell({ step: line, fraction: null });
              },
            });
            return { project: project.name, guests: made.map(({ id }) => id) };
          },
        ),
      );
    },

    'compose.down': async ({ project, volumes = false }) => {
      const link = linkFor(project);
      const { guests: all, networks, volumes: kept } = await look(link);
      const labels = [...all.map(({ spec }) => spec.labels), ...[...networks, ...kept].map((one) => one.labels)];
      if (!labels.some((one) => one[PROJECT_LABEL] === project))
        throw new GuesthouseError({
          code: 'not-found',
          message: `There is nothing of a project ${JSON.stringify(project.slice(0, 60))} here.`,
          subject: project,
        });
      await alone(project, () =>
        operations.run(
          { verb: 'compose-down', targetId: null, target: project, cancellable: true },
          async (operation) => {
            const failed: ErrorShape[] = [];
            await down(link, project, {
              volumes,
              graceMs: null,
              signal: operation.signal,
              fail: (error) => {
                failed.push(error);
                operation.log?.(error.message);
              },
              say: (line) => {
                operation.log?.(line);
                operation.progress({ step: line, fraction: null });
              },
            });
            const [first] = failed;
            if (first) throw new GuesthouseError(first);
          },
        ),
      );
      return null;
    },
  };
}

/** Images are fetched and built as acts of their own, whose progress and output are the project's as well. */
function imagesWithin({ images, operations }: Rooms, around: OperationContext, tell: (progress: Progress) => void) {
  const run = (verb: OperationVerb, target: string, act: (operation: OperationContext) => Promise<Image>) =>
    operations.run(
      { verb, targetId: null, target, cancellable: true },
      (operation) =>
        act({
          ...operation,
          progress(progress) {
            operation.progress(progress);
            tell({ ...progress, step: `${target}: ${progress.step}` });
          },
          log(line) {
            operation.log?.(line);
            around.log?.(line);
          },
        }),
      around,
    );
  const shop: ImageShop = {
    list: async () => images.list(),
    catalogue: async () => (await images.catalogue()).entries,
    fetch: (name) => run('fetch-image', name, (operation) => images.fetch(name, operation)),
    pull: (reference) =>
      run('pull-image', reference, (operation) => images.pull(reference, { insecure: false }, operation)),
  };
  return {
    ensure: (reference: string, pull: 'always' | 'missing' | 'never') => ensureImage(shop, reference, pull),
    build: async (build: Parameters<typeof images.buildContainer>[0]) =>
      (await run('build-image', build.name, (operation) => images.buildContainer(build, operation))).name,
  };
}
