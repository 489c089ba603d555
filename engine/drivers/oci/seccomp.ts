/** From a profile with conditions to what a runtime takes (OCI runtime-spec `linux.seccomp`) for one container here. */
import { release } from 'node:os';
import { DEFAULT_PROFILE } from './seccomp-default.ts';
import type { Profile, ProfileArgument, ProfileCondition, ProfileRule } from './seccomp-profile.ts';

export interface Seccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
    readonly args?: readonly ProfileArgument[];
  }[];
}

export interface SeccompPlace {
  /** As `process.arch` says it. */
  readonly arch: string;
  /** What the container's programs may come to hold, `CAP_…`. */
  readonly capabilities: readonly string[];
  /** `6.1.0-13-amd64`; left out: this kernel. */
  readonly kernel?: string;
}

/** `process.arch` -> Go's name and libseccomp's. */
const ARCHITECTURES: Readonly<Record<string, readonly [go: string, scmp: string]>> = {
  x64: ['amd64', 'SCMP_ARCH_X86_64'],
  ia32: ['386', 'SCMP_ARCH_X86'],
  arm64: ['arm64', 'SCMP_ARCH_AARCH64'],
  arm: ['arm', 'SCMP_ARCH_ARM'],
  riscv64: ['riscv64', 'SCMP_ARCH_RISCV64'],
  ppc64: ['ppc64le', 'SCMP_ARCH_PPC64LE'],
  s390x: ['s390x', 'SCMP_ARCH_S390X'],
};

/** Without a known processor the runtime applies the profile to its own. Pure but for the kernel's version. */
export function seccompFor(place: SeccompPlace, profile: Profile = DEFAULT_PROFILE): Seccomp {
  const [go, scmp] = ARCHITECTURES[place.arch] ?? [place.arch, ''];
  const kernel = place.kernel ?? release();
  const mapped = profile.archMap?.find(({ architecture }) => architecture === scmp);
  const applies = ({ includes, excludes }: ProfileRule): boolean =>
    (!includes || holds(includes)) && !(excludes && touches(excludes));
  const holds = ({ caps = [], arches, minKernel }: ProfileCondition): boolean =>
    caps.every((name) => place.capabilities.includes(name)) &&
    (arches?.includes(go) ?? true) &&
    (minKernel === undefined || isAtLeast(kernel, minKernel));
  const touches = ({ caps = [], arches = [], minKernel }: ProfileCondition): boolean =>
    caps.some((name) => place.capabilities.includes(name)) ||
    arches.includes(go) ||
    (minKernel !== undefined && isAtLeast(kernel, minKernel));
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: mapped ? [mapped.architecture, ...mapped.subArchitectures] : (profile.architectures ?? []),
    syscalls: merged(profile.syscalls.filter(applies)),
  };
}

/** One rule per answer where nothing else tells them apart: fewer for the runtime to read, at every start. */
function merged(rules: readonly ProfileRule[]): Seccomp['syscalls'] {
  const plain = new Map<string, { names: string[]; action: string; errnoRet?: number }>();
  const rest: Seccomp['syscalls'][number][] = [];
  for (const { names, action, errnoRet, args } of rules) {
    const answer = { action, ...(errnoRet === undefined ? {} : { errnoRet }) };
    if (args) rest.push({ names, ...answer, args });
    else {
      const key = `${action} ${errnoRet}`;
      const known = plain.get(key);
      if (known) known.names.push(...names);
      else plain.set(key, { names: [...names], ...answer });
    }
  }
  return [...plain.values(), ...rest];
}

function isAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
