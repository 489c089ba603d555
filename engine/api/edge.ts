/**
 * The edge without its library of shapes, whose loading takes longer than most short commands: what takes no arguments
 * is checked here, the rest by `schemas.ts`, loaded when it is first needed.
 */
import type { CallName, TopicName } from '../contract/api.ts';

export type Schemas = typeof import('./schemas.ts');

let loading: Promise<Schemas> | null = null;

export function schemas(): Promise<Schemas> {
  loading ??= import('./schemas.ts');
  return loading;
}

const BARE_CALLS = [
  'guests.list',
  'images.list',
  'volumes.list',
  'networks.list',
  'operations.list',
  'host.info',
] as const satisfies readonly CallName[];
const TOPICS = ['state', 'samples', 'events'] as const satisfies readonly TopicName[];

/** A call that has no arguments, asked without any. */
export function takesNothing(name: string, args: unknown): name is (typeof BARE_CALLS)[number] {
  return (BARE_CALLS as readonly string[]).includes(name) && isEmpty(args);
}

/** No topic takes arguments. */
export function isTopic(name: string, args: unknown): name is TopicName {
  return (TOPICS as readonly string[]).includes(name) && isEmpty(args);
}

function isEmpty(args: unknown): boolean {
  return args === undefined || args === null || (typeof args === 'object' && Object.keys(args).length === 0);
}
