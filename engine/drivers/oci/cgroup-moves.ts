/**
 * Putting a process into a control group takes a lock of the whole kernel, and whoever comes first waits for all
 * processors to notice (an RCU grace period: 5 to 16 ms, no work in it). For some 25 ms afterwards the next ones wait for
 * nothing (kernel/rcu/sync.c). A runtime puts every container's first process into its groups, so the waiting is done
 * beforehand, beside other work.
 */
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

let waiting: Promise<void> | null = null;

/**
 * Asks to be put where we are already, which changes nothing but takes the lock. Resolves when the next one will not
 * wait, or when that cannot be had here. Many who ask at once wait for one.
 */
export function readyForMoves(): Promise<void> {
  waiting ??= moveToWhereWeAre()
    .catch(() => {}) // then the runtime waits by itself
    .finally(() => {
      waiting = null;
    });
  return waiting;
}

async function moveToWhereWeAre(): Promise<void> {
  const path = ownGroupFile(readFileSync('/proc/self/cgroup', 'latin1'));
  if (path === null) return;
  const file = await open(path, 'w');
  try {
    await file.write(String(process.pid));
  } finally {
    await file.close();
  }
}

/**
 * The list of processes of the group that /proc/self/cgroup (its text) says; any hierarchy does, version 2 or the first of
 * version 1. null: it is not below what is mounted here. Pure.
 */
export function ownGroupFile(text: string): string | null {
  const lines = text.split('\n').flatMap((line) => {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    return names === undefined || path === undefined || path.split('/').includes('..') ? [] : [{ names, path }];
  });
  const controllers = lines.filter(({ names }) => names !== '' && !names.startsWith('name='));
  const [first] = controllers;
  if (first) return join(ROOT, first.names, first.path, 'cgroup.procs');
  const unified = lines.find(({ names }) => names === '');
  return unified ? join(ROOT, unified.path, 'cgroup.procs') : null;
}
