import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAPABILITY_NAMES } from '../../host/kernel-names.ts';
import { capabilitySets } from './capabilities.ts';
import { type Seccomp, seccompFor } from './seccomp.ts';
import { parseProfile } from './seccomp-profile.ts';

const NONE = { add: [], drop: [] };
const DEFAULT_CAPABILITIES = capabilitySets(NONE).bounding;
const allowed = ({ syscalls }: Seccomp, conditional = true) =>
  new Set(
    syscalls
      .filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && (conditional || !args))
      .flatMap(({ names }) => names),
  );

describe('the default profile', () => {
  it('refuses what is not named, and names nothing twice', () => {
    const profile = seccompFor({ arch: 'x64', capabilities: DEFAULT_CAPABILITIES });
    expect(profile).toMatchObject({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 });
    expect(profile.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86']);
    const plain = profile.syscalls.filter(({ args }) => args === undefined).flatMap(({ names }) => names);
    expect(plain.filter((name, index) => plain.indexOf(name) !== index)).toEqual([]);
    const free = allowed(profile);
    for (const name of 'mount unshare setns bpf keyctl add_key clone3 io_uring_setup userfaultfd reboot'.split(' '))
      expect(free).not.toContain(name);
    for (const name of 'read execve openat futex chroot arch_prctl'.split(' ')) expect(free).toContain(name);
  });

  it('lets processes be made, but no namespaces', () => {
    const clone = (capabilities: string[]) =>
      seccompFor({ arch: 'x64', capabilities }).syscalls.filter(({ names }) => names.includes('clone'));
    expect(clone([])[0]?.args).toEqual([{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }]);
    expect(clone([])).toHaveLength(8);
    expect(clone(['CAP_SYS_ADMIN'])).toHaveLength(1);
  });

  it('depends on processor and capabilities', () => {
    const arm = allowed(seccompFor({ arch: 'arm64', capabilities: [] }));
    expect(arm).toContain('set_tls');
    expect(arm).not.toContain('arch_prctl');
    expect(arm).not.toContain('chroot');
    expect(allowed(seccompFor({ arch: 'x64', capabilities: ['CAP_SYS_ADMIN'] }))).toContain('mount');
    expect(seccompFor({ arch: 'unknown', capabilities: [] }).architectures).toEqual([]);
  });

  const podman = '/usr/share/containers/seccomp.json';
  it
    .runIf(existsSync(podman))
    .each([
      ['the default capabilities', DEFAULT_CAPABILITIES],
      ['none', []],
      ['all', CAPABILITY_NAMES.map((name) => `CAP_${name}`)],
      ...CAPABILITY_NAMES.map((name) => [name, [`CAP_${name}`]] as [string, string[]]),
    ])("is nowhere wider than Podman's with %s", (_, capabilities) => {
    const theirs = parseProfile(readFileSync(podman, 'utf8'), podman);
    for (const arch of ['x64', 'arm64']) {
      const place = { arch, capabilities };
      const [our, their] = [seccompFor(place), seccompFor(place, theirs)];
      expect([...allowed(our)].filter((name) => !allowed(their).has(name))).toEqual([]);
      // What they allow under a condition only, we do not allow without one.
      expect([...allowed(our, false)].filter((name) => !allowed(their, false).has(name))).toEqual([]);
      for (const name of our.architectures) expect(their.architectures).toContain(name);
    }
  });
});

describe('a profile of one’s own', () => {
  const own = (profile: unknown) => parseProfile(JSON.stringify(profile), '/p.json');
  const rule = (change: object) => ({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', ...change }],
  });

  it('is taken with its conditions', () => {
    const profile = own({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        { name: 'mkdir', action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
        { names: ['bpf'], action: 'SCMP_ACT_LOG', args: null, includes: { minKernel: '4.8' } },
        { names: ['acct'], action: 'SCMP_ACT_KILL', excludes: { minKernel: '4.8', caps: ['CAP_X'] } },
        { names: ['sync'], action: 'SCMP_ACT_KILL', includes: { arches: ['arm64'] } },
      ],
    });
    expect(seccompFor({ arch: 'x64', capabilities: [], kernel: '6.1.0-9' }, profile)).toEqual({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
        { names: ['bpf'], action: 'SCMP_ACT_LOG' },
      ],
    });
  });

  it.each([
    ['{', 'it is not JSON'],
    ['[]', 'it is not an object'],
    ['{}', 'its `defaultAction` is missing'],
    ['{"defaultAction":"ALLOW"}', 'its `defaultAction` is "ALLOW"'],
    ['{"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}}', 'its `syscalls` are not a list of rules'],
    ['{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":-1}', '-1 is no error number'],
    ['{"defaultAction":"SCMP_ACT_ALLOW","archMap":[{"architecture":"x"}]}', 'it names a processor that is none'],
    [JSON.stringify(rule({ names: [] })), 'rule 1: its names are not names of system calls'],
    [JSON.stringify(rule({ names: ['a b'] })), 'rule 1: its names are not names of system calls'],
    [JSON.stringify(rule({ action: 'SCMP_ACT_NOTIFY' })), 'rule 1: `action` asks another program'],
    [JSON.stringify(rule({ args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] })), 'rule 1: an argument has no index'],
    [JSON.stringify(rule({ args: [{ index: 0, value: 1, op: '==' }] })), 'rule 1: "==" is no comparison'],
    [JSON.stringify(rule({ includes: { minKernel: 'new' } })), 'rule 1: a condition has something else'],
  ])('%s is refused', (text, why) => {
    expect(() => parseProfile(text, '/p.json')).toThrow(`The seccomp profile /p.json cannot be used: ${why}`);
  });
});
