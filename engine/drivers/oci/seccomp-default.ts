/**
 * The seccomp profile of containers, in the form of containers/common's seccomp.json: an allow list. What is not named
 * is answered with "no such call" (ENOSYS), so that programs fall back, as they do on an older kernel; what a program
 * should not take for missing is answered with "not permitted" (EPERM). Nowhere wider than Podman's own profile (the
 * test compares them), and narrower: no mounts, namespaces or key rings without the capability for it, no set-up of
 * io_uring, sockets only of the kinds below.
 */
import type { Profile, ProfileRule } from './seccomp-profile.ts';

const EPERM = 1;
const ENOSYS = 38;

/** By what they are for; each list is what a program of an ordinary service or a shell may need. */
const ALLOWED: Readonly<Record<string, string>> = {
  files: `access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
    fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchown fchown32 fchownat fcntl fcntl64 fdatasync flock fstat
    fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 ioctl lchown
    lchown32 link linkat lseek _llseek lstat lstat64 mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64
    preadv preadv2 pwrite64 pwritev pwritev2 read readahead readdir readlink readlinkat readv rename renameat renameat2
    rmdir sendfile sendfile64 splice stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs tee
    truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes write writev`,
  attributes: `fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr lremovexattr
    lsetxattr removexattr setxattr`,
  watching: `epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old
    eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch poll ppoll ppoll_time64
    pselect6 pselect6_time64 select _newselect signalfd signalfd4`,
  'asynchronous files': 'io_cancel io_destroy io_getevents io_setup io_submit',
  memory: `brk madvise membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap msync
    munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages`,
  processes: `execve execveat exit exit_group fork getpgid getpgrp getpid getppid getpriority getrlimit getrusage getsid
    gettid ioprio_get ioprio_set kill pause pidfd_getfd pidfd_open pidfd_send_signal prctl prlimit64 process_vm_readv
    process_vm_writev ptrace restart_syscall rseq set_robust_list get_robust_list set_thread_area get_thread_area
    set_tid_address setpgid setpriority setrlimit setsid tgkill times tkill ugetrlimit vfork wait4 waitid waitpid`,
  scheduling: `futex futex_time64 getcpu sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
    sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr
    sched_setparam sched_setscheduler sched_yield`,
  signals: `rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
    rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaction sigaltstack signal sigpending sigprocmask sigreturn sigsuspend`,
  users: `capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getresgid getresgid32
    getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32
    setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setuid setuid32`,
  time: `adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
    clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create timer_delete
    timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
    timerfd_gettime64 timerfd_settime timerfd_settime64`,
  conversation: `accept accept4 bind connect getpeername getsockname getsockopt ipc listen mq_getsetattr mq_notify mq_open
    mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd pipe
    pipe2 recv recvfrom recvmmsg recvmmsg_time64 recvmsg semctl semget semop semtimedop semtimedop_time64 send sendmmsg
    sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown socketcall socketpair`,
  'about the system': 'getrandom sysinfo uname',
  'locking oneself in': 'landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp',
};

/** Allowed with the capability, not permitted without. */
const WITH_CAPABILITY: Readonly<Record<string, string>> = {
  CAP_SYS_CHROOT: 'chroot',
  CAP_SYS_NICE: 'get_mempolicy mbind set_mempolicy',
  CAP_SYSLOG: 'syslog',
  CAP_SYS_BOOT: 'reboot',
  CAP_DAC_READ_SEARCH: 'name_to_handle_at open_by_handle_at',
  CAP_SYS_MODULE: 'delete_module finit_module init_module query_module',
  CAP_SYS_PACCT: 'acct',
  CAP_SYS_PTRACE: 'kcmp process_madvise',
  CAP_SYS_RAWIO: 'ioperm iopl',
  CAP_SYS_TIME: 'clock_settime clock_settime64 settimeofday stime',
  CAP_SYS_TTY_CONFIG: 'vhangup',
  CAP_SYS_ADMIN: `bpf fanotify_init fsconfig fsmount fsopen fspick keyctl lookup_dcookie mount mount_setattr move_mount
    open_tree perf_event_open pivot_root quotactl setdomainname sethostname setns umount umount2 unshare`,
};

/** Never. The kernel's key rings are not namespaced; the others are known for what they opened. */
const REFUSED = `add_key request_key kexec_file_load kexec_load migrate_pages move_pages nfsservctl swapoff swapon
  sysfs uselib userfaultfd ustat vmsplice io_pgetevents`;

/** By processor, in Go's names as the form wants them. */
const BY_ARCHITECTURE: Readonly<Record<string, string>> = {
  amd64: 'arch_prctl modify_ldt',
  arm64: 'arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2',
  ppc64le: 'sync_file_range2',
};

/** clone(2): mount, cgroup, UTS, IPC, user, pid and network namespaces. */
const NAMESPACE_FLAGS = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];
const ANY_NAMESPACE = NAMESPACE_FLAGS.reduce((all, flag) => all + flag, 0);

/** personality(2): Linux, 32-bit addresses' layout, both of them with addresses not random, and asking. */
const PERSONALITIES = [0, 0x8, 0x20000, 0x20008, 0xffffffff];

const AF_NETLINK = 16;
const AF_PACKET = 17;
/** Routes, sockets, packet filters; everything below audit (9). */
const NETLINK_AUDIT = 9;
/** netfilter, device events, generic. */
const NETLINK_MORE = [12, 15, 16];

const allow = (names: readonly string[], more: Partial<ProfileRule> = {}): ProfileRule => ({
  names,
  action: 'SCMP_ACT_ALLOW',
  ...more,
});
const refuse = (names: readonly string[], more: Partial<ProfileRule> = {}): ProfileRule => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet: EPERM,
  ...more,
});
const words = (text: string) => text.trim().split(/\s+/);
const equal = (index: number, value: number) => ({ index, value, valueTwo: 0, op: 'SCMP_CMP_EQ' });
const less = (index: number, value: number) => ({ index, value, valueTwo: 0, op: 'SCMP_CMP_LT' });
const masked = (mask: number, value: number) => ({ index: 0, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' });

const admin = { includes: { caps: ['CAP_SYS_ADMIN'] } };
const notAdmin = { excludes: { caps: ['CAP_SYS_ADMIN'] } };

export const DEFAULT_PROFILE: Profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: ENOSYS,
  // 32-bit programs run too. The x32 form of calls is left out: next to no kernel has it.
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: [] },
    { architecture: 'SCMP_ARCH_PPC64LE', subArchitectures: [] },
  ],
  syscalls: [
    allow(Object.values(ALLOWED).flatMap(words)),
    ...Object.entries(WITH_CAPABILITY).flatMap(([capability, names]) => [
      allow(words(names), { includes: { caps: [capability] } }),
      refuse(words(names), { excludes: { caps: [capability] } }),
    ]),
    refuse(words(REFUSED)),
    ...Object.entries(BY_ARCHITECTURE).map(([arch, names]) => allow(words(names), { includes: { arches: [arch] } })),
    // clone3 keeps its flags in memory, where no filter sees them: without the right to make namespaces it is not
    // there, and the C library takes clone.
    allow(['clone', 'clone3'], admin),
    allow(['clone'], { args: [masked(ANY_NAMESPACE, 0)], ...notAdmin }),
    ...NAMESPACE_FLAGS.map((flag) => refuse(['clone'], { args: [masked(flag, flag)], ...notAdmin })),
    ...PERSONALITIES.map((value) => allow(['personality'], { args: [equal(0, value)] })),
    // Unix, IP and the like; not vsock (which leads to a machine's host), not the kernel's ciphers (AF_ALG).
    allow(['socket'], { args: [less(0, AF_NETLINK)] }),
    allow(['socket'], { args: [equal(0, AF_PACKET)] }),
    allow(['socket'], { args: [equal(0, AF_NETLINK), less(2, NETLINK_AUDIT)] }),
    ...NETLINK_MORE.map((protocol) => allow(['socket'], { args: [equal(0, AF_NETLINK), equal(2, protocol)] })),
    allow(['socket'], {
      args: [equal(0, AF_NETLINK), equal(2, NETLINK_AUDIT)],
      includes: { caps: ['CAP_AUDIT_WRITE'] },
    }),
  ],
};
