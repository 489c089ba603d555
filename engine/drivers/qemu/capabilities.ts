/** Whether machines are possible here, and what the doctor says of their tools. */
import type { Capability, Finding } from '../../contract/host.ts';
import type { Paths } from '../../host/paths.ts';
import { type Acceleration, candidate, findAcceleration } from './accel.ts';
import { ACCELERATORS } from './argv/accelerators.ts';
import { findHardwareTools, type HardwareTools, hardwareFindings } from './hardware/doctor.ts';
import { microProblem } from './hardware/micro.ts';
import { TCG_NOTE } from './start.ts';
import { findProgram, findQemu, findVirtiofsd, QEMU_PACKAGE_HINT, type QemuTool } from './tools.ts';

export interface QemuFacts {
  readonly qemu: QemuTool | null;
  readonly qemuImg: string | null;
  readonly virtiofsd: string | null;
  readonly acceleration: Acceleration | null;
  readonly extras: HardwareTools;
}

export async function lookAround(paths: Pick<Paths, 'cache' | 'run'>, fresh: boolean): Promise<QemuFacts> {
  const [qemu, qemuImg, virtiofsd, extras] = await Promise.all([
    findQemu(),
    findProgram('qemu-img'),
    findVirtiofsd(),
    findHardwareTools(),
  ]);
  return { qemu, qemuImg, virtiofsd, extras, acceleration: qemu && (await findAcceleration(qemu, paths, fresh)) };
}

export function capabilities({ qemu, qemuImg, virtiofsd, acceleration }: QemuFacts): readonly Capability[] {
  const missing = !qemu ? 'QEMU is not installed.' : !qemuImg ? 'The program qemu-img is not installed.' : null;
  const fast = acceleration !== null && acceleration.accelerator !== 'tcg';
  const vm: Capability = {
    isolation: 'vm',
    possible: missing === null,
    reason: missing,
    fix: missing === null ? null : QEMU_PACKAGE_HINT,
    engine: qemu
      ? `QEMU ${qemu.version}${acceleration && fast ? ` with ${ACCELERATORS[acceleration.accelerator].name}` : ', software emulation'}`
      : null,
    notes: [
      ...(qemu && !fast ? [TCG_NOTE] : []),
      ...(qemu && !virtiofsd ? ['Folders cannot be shared: virtiofsd is not installed.'] : []),
    ],
  };
  const reason = missing ?? microProblem();
  return [
    vm,
    { ...vm, isolation: 'microvm', possible: reason === null, reason, fix: missing === null ? null : vm.fix },
  ];
}

export function findings({ qemu, qemuImg, acceleration, extras }: QemuFacts): readonly Finding[] {
  const proven = acceleration === null || acceleration.accelerator === 'tcg' ? null : acceleration.accelerator;
  const wanted = candidate()?.accelerator;
  const title = wanted ? ACCELERATORS[wanted].name : 'Acceleration';
  return [
    qemu
      ? { id: 'qemu', level: 'ok', title: 'QEMU', found: `QEMU ${qemu.version} at ${qemu.path}.`, fix: null }
      : { id: 'qemu', level: 'problem', title: 'QEMU', found: 'QEMU is not installed.', fix: QEMU_PACKAGE_HINT },
    qemuImg
      ? { id: 'qemu-img', level: 'ok', title: 'qemu-img', found: `It is at ${qemuImg}.`, fix: null }
      : { id: 'qemu-img', level: 'problem', title: 'qemu-img', found: 'It is not installed.', fix: QEMU_PACKAGE_HINT },
    {
      id: wanted ?? 'acceleration',
      level: proven ? 'ok' : 'warning',
      title,
      found: proven ? `A test program ran under ${title}.` : (acceleration?.reason ?? 'Not tried without QEMU.'),
      fix: proven ? null : (acceleration?.fix ?? null),
    },
    ...(qemu ? hardwareFindings(extras) : []),
  ];
}
