/**
 * The seccomp profile of every container (OCI runtime-spec `linux.seccomp`). A deny list: a program may do what a
 * container's root can safely do; calls that reach into the kernel, other namespaces or the host's time and hardware
 * are refused. The capability set refuses most of them too; this is the second lock, and the only one for calls that
 * need no capability (keyctl, userfaultfd, new user namespaces, io_uring).
 */

interface Rule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ERRNO';
  readonly errnoRet: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo: number;
    readonly op: string;
  }[];
}
export interface Seccomp {
  readonly defaultAction: 'SCMP_ACT_ALLOW';
  readonly architectures: readonly string[];
  readonly syscalls: readonly Rule[];
}

const EPERM = 1;
const ENOSYS = 38;
const AF_VSOCK = 40;
const AF_ALG = 38;

/** Refused as "not permitted". */
const REFUSED = [
  // another kernel, modules, firmware, power
  'kexec_load',
  'kexec_file_load',
  'init_module',
  'finit_module',
  'delete_module',
  'create_module',
  'query_module',
  'get_kernel_syms',
  'reboot',
  'iopl',
  'ioperm',
  'vm86',
  'vm86old',
  'swapon',
  'swapoff',
  'acct',
  'quotactl',
  'quotactl_fd',
  'nfsservctl',
  'sysfs',
  '_sysctl',
  'uselib',
  'ustat',
  'lookup_dcookie',
  'vhangup',
  // mounts and namespaces
  'mount',
  'umount',
  'umount2',
  'pivot_root',
  'move_mount',
  'open_tree',
  'open_tree_attr',
  'fsopen',
  'fsconfig',
  'fsmount',
  'fspick',
  'mount_setattr',
  'setns',
  'unshare',
  'sethostname',
  'setdomainname',
  // handles that reach around the mount namespace
  'name_to_handle_at',
  'open_by_handle_at',
  // the host's clock
  'settimeofday',
  'stime',
  'clock_settime',
  'clock_settime64',
  'clock_adjtime',
  'clock_adjtime64',
  'adjtimex',
  // looking into the kernel and into others
  'bpf',
  'perf_event_open',
  'userfaultfd',
  'kcmp',
  'syslog',
  'fanotify_init',
  'lsm_set_self_attr',
  'lsm_list_modules',
  // the kernel's key rings are not namespaced
  'keyctl',
  'add_key',
  'request_key',
  // memory placement
  'mbind',
  'set_mempolicy',
  'set_mempolicy_home_node',
  'get_mempolicy',
  'migrate_pages',
  'move_pages',
] as const;

/** Refused as "no such call", so that programs fall back. glibc tries `clone3` first, whose flags cannot be inspected. */
const ABSENT = ['clone3', 'io_uring_setup', 'io_uring_enter', 'io_uring_register'] as const;

/** `clone` flags for new namespaces: mount, cgroup, UTS, IPC, user, pid, network. */
const NAMESPACE_FLAGS = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000] as const;

const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  riscv64: ['SCMP_ARCH_RISCV64'],
  ppc64: ['SCMP_ARCH_PPC64LE'],
};

/** `arch` as `process.arch` says it. Without a known list the runtime applies the profile to its own architecture. */
export function seccompProfile(arch: string): Seccomp {
  const refuse = (names: readonly string[], errnoRet: number): Rule => ({ names, action: 'SCMP_ACT_ERRNO', errnoRet });
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ARCHITECTURES[arch] ?? [],
    syscalls: [
      refuse(REFUSED, EPERM),
      refuse(ABSENT, ENOSYS),
      ...NAMESPACE_FLAGS.map((flag) => ({
        ...refuse(['clone'], EPERM),
        args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
      })),
      ...[AF_VSOCK, AF_ALG].map((family) => ({
        ...refuse(['socket'], EPERM),
        args: [{ index: 0, value: family, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
      })),
    ],
  };
}
