/** Brings a project up: what is missing is made, what changed is changed, what is as it shall be is left alone. */
import { SERVICE_LABEL } from '../contract/compose.ts';
import { type ErrorShape, GuesthouseError, toErrorShape } from '../contract/errors.ts';
import type { Guest } from '../contract/guest.ts';
import type { ContainerBuild } from '../contract/image.ts';
import { findImage } from './find-image.ts';
import { markedDraft } from './labels.ts';
import type { Link } from './link.ts';
import { type Present, planResources, planService } from './plan.ts';
import type { Project } from './project.ts';
import type { Service } from './service.ts';
import type { Dependency } from './service-parts.ts';
import { untilHealthy, watchGuest } from './until-healthy.ts';

export interface UpOptions {
  /** Profiles that are wanted; `*`: all. */
  readonly profiles: readonly string[];
  /** Only these and what they depend on; empty: all. */
  readonly services: readonly string[];
  /** Build also what is there. */
  readonly build: boolean;
  /** How long one service waits for another (ms). */
  readonly waitMs: number;
  /** Somebody wants it to end: nothing more is begun. */
  readonly signal: AbortSignal;
  /** One line of progress. */
  readonly say: (line: string) => void;
  readonly images: ImageSource;
  /** A service has its image, or is up: two such steps for each. */
  readonly onStep?: () => void;
}

/** Where images come from that are not there. Both answer what it is called in the store. */
export interface ImageSource {
  ensure(reference: string, pull: 'always' | 'missing' | 'never'): Promise<string>;
  build(build: ContainerBuild): Promise<string>;
}

/** Answers the guests in the order of their services. What came up stays up when another fails; the error says which. */
export async function up(client: Link, project: Project, options: UpOptions): Promise<Guest[]> {
  const services = chosen(project, options.services, options.profiles);
  await makeResources(client, project, await look(client), options);
  const images = new Map<Service, string>();
  for (const service of services) {
    options.signal.throwIfAborted();
    images.set(service, await prepareImage(client, service, options));
    options.onStep?.();
  }
  const present = await look(client);
  const acts = services.map((service) => planService(project.name, service, images.get(service) as string, present));
  const awaited = new Set(
    services.flatMap(({ dependsOn }) =>
      dependsOn.filter(({ condition }) => condition === 'service_completed_successfully').map(({ service }) => service),
    ),
  );
  const tasks = new Map<string, Promise<Guest>>();
  services.forEach((service, index) => {
    const task = async () => {
      for (const dependency of service.dependsOn) {
        const guest = await (tasks.get(dependency.service) as Promise<Guest>).catch(() => {
          throw new Skipped(dependency.service);
        });
        await fulfilled(client, guest, dependency, options);
      }
      options.signal.throwIfAborted();
      const act = acts[index] as (typeof acts)[number];
      const up = await carryOut(
        client,
        project.name,
        service,
        images.get(service) as string,
        act,
        awaited.has(service.name),
        options,
      );
      options.onStep?.();
      return up;
    };
    tasks.set(service.name, task());
  });
  return gather(services, await Promise.allSettled(services.map(({ name }) => tasks.get(name) as Promise<Guest>)));
}

/** What a service waits for did not come up. */
class Skipped extends Error {
  constructor(name: string) {
    super(`It waits for ${name}.`);
  }
}

/**
 * These services and all they depend on, in the project's order. A service of a profile is there when that is wanted, or when
 * it is named itself. Throws `not-found`, and `invalid` where one depends on one that is not wanted.
 */
export function chosen(project: Project, names: readonly string[], profiles: readonly string[]): readonly Service[] {
  const named = project.services.filter(({ name }) => names.includes(name));
  const wished = new Set([...profiles, ...named.flatMap((service) => service.profiles)]);
  const isOn = (service: Service) =>
    service.profiles.length === 0 || wished.has('*') || service.profiles.some((profile) => wished.has(profile));
  const wanted = new Set<string>();
  const add = (name: string) => {
    const service = project.services.find((one) => one.name === name);
    if (!service) {
      throw new GuesthouseError({
        code: 'not-found',
        message: `There is no service ${JSON.stringify(name.slice(0, 60))}.`,
        subject: name,
        hint: `There are: ${project.services.map((one) => one.name).join(', ')}.`,
      });
    }
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const { service: needed, line } of service.dependsOn) {
      const other = project.services.find((one) => one.name === needed);
      if (other && !isOn(other))
        throw line.wrong(
          `${name} depends on ${needed}, which is there with the profile ${other.profiles.join(' or ')} only.`,
          `Give --profile ${other.profiles[0]}.`,
        );
      add(needed);
    }
  };
  for (const name of names.length > 0 ? names : project.services.filter(isOn).map((one) => one.name)) add(name);
  return project.services.filter(({ name }) => wanted.has(name));
}

/** What is there now. */
export async function look(client: Link): Promise<Present> {
  const [guests, images, networks, volumes] = await Promise.all([
    client.call('guests.list', {}),
    client.call('images.list', {}),
    client.call('networks.list', {}),
    client.call('volumes.list', {}),
  ]);
  return { guests, images, networks, volumes };
}

async function makeResources(client: Link, project: Project, present: Present, { say }: UpOptions): Promise<void> {
  const plan = planResources(project, present);
  for (const draft of plan.networks) {
    await client.call('networks.create', { draft });
    say(`network ${draft.name}: made`);
  }
  for (const volume of plan.volumes) {
    await client.call('volumes.create', volume);
    say(`volume ${volume.name}: made`);
  }
  if (plan.orphans.length > 0)
    say(`The file has no longer what these guests are: ${plan.orphans.join(', ')}. \`compose down\` removes them too.`);
}

/** Answers what the image is called in the store. */
async function prepareImage(client: Link, { build, draft, pull, name }: Service, options: UpOptions): Promise<string> {
  if (build) {
    const there = findImage(await client.call('images.list', {}), draft.image);
    if (there && !options.build && pull !== 'build') return draft.image;
    options.say(`${name}: building ${build.name}`);
    return options.images.build(build);
  }
  return options.images.ensure(draft.image, pull === 'build' ? 'missing' : pull);
}

async function fulfilled(client: Link, guest: Guest, { condition, service }: Dependency, options: UpOptions) {
  if (condition === 'service_started') return;
  const deadline = performance.now() + options.waitMs;
  options.say(`${service}: waiting until it is ${condition === 'service_healthy' ? 'healthy' : 'done'}`);
  const aborted = new Promise<never>((_, reject) => {
    options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
  });
  const met =
    condition === 'service_healthy'
      ? untilHealthy(client, guest.id, deadline)
      : watchGuest(client, guest.id, deadline, completed, (name) => `${name} has not ended yet.`);
  met.catch(() => {});
  await Promise.race([met, aborted]);
}

function completed(guest: Guest): Guest | ErrorShape | null {
  if (guest.state !== 'stopped' && guest.state !== 'failed') return null;
  if (guest.state === 'stopped' && (guest.exit?.code ?? 0) === 0) return guest;
  return {
    code: 'guest-failed',
    message: `${guest.name} ended with exit code ${guest.exit?.code ?? 'unknown'}.`,
    subject: guest.name,
    hint: `See \`guesthouse logs ${guest.name}\`.`,
  };
}

async function carryOut(
  client: Link,
  project: string,
  service: Service,
  image: string,
  act: ReturnType<typeof planService>,
  isJob: boolean,
  { say }: UpOptions,
): Promise<Guest> {
  const { name } = service;
  const make = async () => {
    const made = await client.call('guests.create', { draft: { ...markedDraft(project, service), image } });
    say(`${name}: created`);
    return made;
  };
  let guest: Guest;
  if (act.do === 'create') guest = await make();
  else if (act.do === 'replace') {
    await client.call('guests.remove', { guest: act.guest.id, force: true });
    guest = await make();
  } else if (act.do === 'update') {
    guest = await client.call('guests.update', { guest: act.guest.id, change: act.change, recreate: true });
    say(`${name}: changed`);
  } else guest = act.guest;

  const isDone = act.do === 'keep' && isJob && guest.state === 'stopped' && guest.exit?.code === 0;
  if (isDone || ['running', 'starting', 'paused'].includes(guest.state)) {
    if (act.do === 'keep') say(`${name}: unchanged`);
    return guest;
  }
  const started = await client.call('guests.start', { guest: guest.id });
  say(`${name}: started`);
  return started;
}

function gather(services: readonly Service[], results: readonly PromiseSettledResult<Guest>[]): Guest[] {
  const guests = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const at = results.findIndex((result) => result.status === 'rejected' && !(result.reason instanceof Skipped));
  if (at < 0) return guests;
  const shape = toErrorShape((results[at] as PromiseRejectedResult).reason);
  if (shape.code === 'cancelled') throw new GuesthouseError(shape);
  const named = (status: string) =>
    services.filter((_, index) => results[index]?.status === status).map(({ name }) => name);
  const upNow = guests.map((guest) => guest.spec.labels[SERVICE_LABEL]).join(', ') || 'nothing';
  throw new GuesthouseError({
    ...shape,
    message: `${services[at]?.name} did not come up: ${shape.message}`,
    hint: `${shape.hint ? `${shape.hint} ` : ''}Up: ${upNow}. Not up: ${named('rejected').join(', ')}. \`compose up\` goes on from here.`,
  });
}
