/** What a plan says, as lines to read. Pure. */
import type { ComposePlan, PlannedService } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';

const text = m.compose;

/** Where its image comes from. */
export const imageLine = ({ from, context }: PlannedService): string =>
  context === null ? text.from(from) : text.builtFrom(context);

/** Ports, volumes and what it waits for. */
export function serviceLine({ ports, mounts, after }: PlannedService): string {
  const published = ports.map(({ hostIp, hostPort, guestPort, protocol }) => {
    const host = hostPort === 0 ? text.freePort : `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort}`;
    return `${host} → ${guestPort}${protocol === 'udp' ? '/udp' : ''}`;
  });
  const kept = mounts
    .filter(({ source }) => !source.startsWith('/'))
    .map(({ source, target }) => `${source} → ${target}`);
  return [...published, ...kept, ...(after.length > 0 ? [text.after(m.format.list(after))] : [])].join(' · ');
}

export interface PlanFact {
  readonly title: string;
  readonly texts: readonly string[];
}

/** Everything beside the services. What is not there has no line. */
export function planFacts(plan: ComposePlan): PlanFact[] {
  const named = ({ name, there }: { name: string; there: boolean }) => (there ? name : text.isNew(name));
  const folders = plan.services.flatMap(({ service, mounts }) =>
    mounts
      .filter(({ source }) => source.startsWith('/'))
      .map(({ source, target, readOnly }) => {
        const line = `${source} → ${service}:${target}`;
        return readOnly ? text.readOnly(line) : line;
      }),
  );
  return [
    { title: text.folders, texts: folders },
    {
      title: text.networks,
      texts: plan.networks.map((one) => (one.isolated ? text.isIsolated(named(one)) : named(one))),
    },
    { title: text.volumes, texts: plan.volumes.map(named) },
    { title: text.leftOut, texts: plan.leftOut },
    { title: text.orphans, texts: plan.orphans },
    { title: text.unset, texts: plan.unset },
  ].filter(({ texts }) => texts.length > 0);
}
