/** How what belongs to a project is marked: with Compose's own labels, so that other tools understand them. */
import { createHash } from 'node:crypto';
import type { GuestDraft } from '../contract/api.ts';
import { PROJECT_LABEL as PROJECT, SERVICE_LABEL as SERVICE } from '../contract/compose.ts';
import type { Guest } from '../contract/guest.ts';
import type { Service } from './service.ts';

const HASH = 'com.docker.compose.config-hash';
const DEPENDS_ON = 'com.docker.compose.depends_on';

/** What a guest is created with: the service's draft and its marks. */
export function markedDraft(project: string, { name, draft, dependsOn }: Service): GuestDraft {
  const labels = {
    ...draft.labels,
    [PROJECT]: project,
    [SERVICE]: name,
    [HASH]: hashOf(draft),
    ...(dependsOn.length > 0
      ? { [DEPENDS_ON]: dependsOn.map(({ service, condition }) => `${service}:${condition}`).join(',') }
      : {}),
  };
  return { ...draft, labels };
}

/** Whether the guest was made from this very draft. */
export function isUnchanged({ spec }: Pick<Guest, 'spec'>, draft: GuestDraft): boolean {
  return spec.labels[HASH] === hashOf(draft);
}

/** Guests of a project; what others wait for comes first. */
export function guestsOf(project: string, guests: readonly Guest[]): Guest[] {
  const own = guests.filter(({ spec }) => spec.labels[PROJECT] === project);
  const needs = (guest: Guest) => (guest.spec.labels[DEPENDS_ON] ?? '').split(',').map((word) => word.split(':')[0]);
  const done = new Set<Guest>();
  const visit = (guest: Guest, depth: number) => {
    if (done.has(guest) || depth > own.length) return;
    for (const other of own) if (needs(guest).includes(other.spec.labels[SERVICE])) visit(other, depth + 1);
    done.add(guest);
  };
  for (const guest of own) visit(guest, 0);
  return [...done];
}

export function serviceOf({ spec, name }: Guest): string {
  return spec.labels[SERVICE] ?? name;
}

function hashOf(draft: GuestDraft): string {
  return createHash('sha256').update(canonical(draft)).digest('hex');
}

/** JSON with sorted keys: the order of a file's lines means nothing. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}
