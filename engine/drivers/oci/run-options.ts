/** What a spec's options come to here: rights, confinement, limits, init, stop signal. */
import { GuesthouseError } from '../../contract/errors.ts';
import type { GuestSpec } from '../../contract/guest.ts';
import type { ImageConfig } from '../../contract/image.ts';
import { signalNumber } from '../../host/signals.ts';
import type { Limits } from './bundle.ts';
import { requireInit } from './init.ts';
import { diskOf, isLimited } from './io-limits.ts';
import { type Rights, rightsOf } from './process-spec.ts';
import type { RuntimeChoice } from './runtime.ts';
import { type Seccomp, seccompFor } from './seccomp.ts';
import { readProfile } from './seccomp-profile.ts';

const SIGTERM = 15;

/** `possible`: capabilities that can be given here; null: not known yet. */
export async function confinement(
  spec: GuestSpec,
  possible: ReadonlySet<string> | null,
): Promise<{ rights: Rights; seccomp: Seccomp | null }> {
  const rights = rightsOf(spec, possible);
  if (spec.seccomp === 'unconfined') return { rights, seccomp: null };
  const place = { arch: process.arch, capabilities: rights.capabilities.bounding };
  if (spec.seccomp === 'default') return { rights, seccomp: seccompFor(place) };
  return { rights, seccomp: seccompFor(place, await readProfile(spec.seccomp)) };
}

/** Path of the init on the host; null: none is asked for. Throws `missing-tool`. */
export function initOf(spec: GuestSpec): string | null {
  return spec.init ? requireInit() : null;
}

/** Limits to set, and what is not as asked. */
export function limitsOf(
  spec: Pick<GuestSpec, 'cpus' | 'memoryMib' | 'pidsLimit' | 'io'>,
  choice: Pick<RuntimeChoice, 'swapLimit' | 'ioLimit' | 'cgroupParent'>,
  home: string,
): { limits: Limits; notes: string[] } {
  const limits = { cpus: spec.cpus, memoryMib: spec.memoryMib, pids: spec.pidsLimit, swap: choice.swapLimit };
  if (!isLimited(spec.io)) return { limits: { ...limits, io: null }, notes: [] };
  // The note that says why there are no control groups names them.
  if (choice.cgroupParent === null) return { limits: { ...limits, io: null }, notes: [] };
  const device = choice.ioLimit === 'none' ? null : diskOf(home);
  if (device === null) {
    const why = choice.ioLimit === 'none' ? 'the io controller is not given to us' : 'its files lie on no single disk';
    return { limits: { ...limits, io: null }, notes: [`Disk limits are not enforced: ${why}.`] };
  }
  const notes =
    choice.ioLimit === 'direct'
      ? ['Disk limits hold for direct and synchronous traffic only: cgroup v1 cannot slow down what the host caches.']
      : [];
  return { limits: { ...limits, io: { device, limits: spec.io } }, notes };
}

/** The guest's, else the image's, else SIGTERM. An image's that is none is not worth failing for. */
export function stopSignalOf(
  spec: Pick<GuestSpec, 'stopSignal'>,
  image: Pick<ImageConfig, 'stopSignal'>,
): { number: number; notes: string[] } {
  if (spec.stopSignal !== null) {
    const number = signalNumber(spec.stopSignal);
    if (number !== null) return { number, notes: [] };
    throw new GuesthouseError({
      code: 'invalid',
      message: `There is no signal ${JSON.stringify(spec.stopSignal.slice(0, 40))}.`,
      subject: 'stopSignal',
      hint: 'Name one such as SIGTERM, SIGQUIT or SIGRTMIN+3.',
    });
  }
  if (image.stopSignal === null) return { number: SIGTERM, notes: [] };
  const number = signalNumber(image.stopSignal);
  if (number !== null) return { number, notes: [] };
  const name = JSON.stringify(image.stopSignal.slice(0, 40));
  return {
    number: SIGTERM,
    notes: [`The image wants to be stopped with ${name}, which is no signal: SIGTERM is used.`],
  };
}
