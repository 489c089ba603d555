/** Whether an act can be tried again and whether that makes sense still. Pure. */
import type { Guest, Operation, OperationVerb } from '../../engine/contract/index.ts';
import { allows, type GuestVerb } from './verbs.ts';

const BY_STATE: readonly string[] = ['start', 'stop', 'kill', 'restart', 'pause', 'resume', 'remove'];
/** Acts that make what they are told of, or are of no guest at all. */
const MAKING: readonly OperationVerb[] = ['create', 'clone', 'branch', 'import-guest'];
const ON_GUESTS: readonly OperationVerb[] = [
  'update',
  'recreate',
  'rename',
  'export',
  'commit',
  'compact-disk',
  'check-disk',
  'open-disk',
  'close-disk',
  'snapshot',
  'restore',
  'remove-snapshot',
  'suspend',
];

/** `all`: every act known. Not of one whose guest is gone, whose state forbids it, or that succeeded or runs by now. */
export function mayRetry(
  operation: Operation,
  all: Iterable<Operation>,
  guests: ReadonlyMap<string, Pick<Guest, 'state'>>,
): boolean {
  const { state, verb, targetId, retryable } = operation;
  if (retryable !== true || (state !== 'failed' && state !== 'cancelled')) return false;
  const guest = targetId === null ? undefined : guests.get(targetId);
  if (BY_STATE.includes(verb) && (!guest || !allows(guest.state, verb as GuestVerb))) return false;
  if (ON_GUESTS.includes(verb) && !guest) return false;
  for (const other of all) if (isLaterTry(operation, other)) return false;
  return true;
}

function isLaterTry(first: Operation, other: Operation): boolean {
  if (other.id === first.id || other.verb !== first.verb || other.startedAt < first.startedAt) return false;
  if (other.state !== 'running' && other.state !== 'done') return false;
  const isNamed = MAKING.includes(first.verb) || first.targetId === null;
  return isNamed ? other.target === first.target : other.targetId === first.targetId;
}
