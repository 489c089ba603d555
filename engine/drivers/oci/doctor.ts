/** What the doctor says about containers. Pure. */
import type { Capability, Finding } from '../../contract/host.ts';
import { type RuntimeProbe, shortcoming } from './runtime.ts';

/** Why no overlay could be mounted, and what to do about it, as sentences. */
export interface OverlayLack {
  readonly reason: string;
  readonly fix: string;
}

export function containerCapability(probe: RuntimeProbe): Capability {
  const { choice, conmon } = probe;
  if (choice && conmon) {
    const notes = choice.limitsReason === null ? [] : [choice.limitsReason];
    return { isolation: 'container', possible: true, reason: null, fix: null, engine: choice.label, notes };
  }
  const { reason, fix } = shortcoming(probe);
  return { isolation: 'container', possible: false, reason, fix, engine: null, notes: [] };
}

export function containerFindings(probe: RuntimeProbe, overlay: OverlayLack | null): Finding[] {
  const { choice, conmon, refused } = probe;
  const passedOver = refused.length > 0 ? ` Passed over: ${refused.join('; ')}.` : '';
  const noRuntime = choice ? null : shortcoming({ ...probe, conmon: null });
  return [
    {
      id: 'runtime',
      level: choice ? 'ok' : 'problem',
      title: 'Container runtime',
      found: choice ? `${choice.label} runs containers.${passedOver}` : (noRuntime?.reason ?? ''),
      fix: noRuntime?.fix ?? null,
    },
    {
      id: 'conmon',
      level: conmon ? 'ok' : 'problem',
      title: 'conmon',
      found: conmon ? `${conmon.label} holds containers while no window is open.` : (probe.conmonReason ?? ''),
      fix: conmon ? null : 'Install the package conmon.',
    },
    {
      id: 'cgroup',
      level: choice && choice.limitsReason === null ? 'ok' : 'warning',
      title: 'Control groups',
      found:
        choice?.limitsReason ?? (choice ? 'CPU, memory and process limits are enforced.' : 'Not tried: no runtime.'),
      fix: choice?.limitsFix ?? null,
    },
    {
      id: 'overlay',
      level: overlay === null ? 'ok' : 'problem',
      title: 'overlayfs',
      found: overlay?.reason ?? 'Image layers can be mounted with a writable layer on top.',
      fix: overlay?.fix ?? null,
    },
  ];
}
