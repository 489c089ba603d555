import { describe, expect, it } from 'vitest';
import { CAPABILITY_NAMES } from '../../host/kernel-names.ts';
import { capabilitiesIn, capabilitySets } from './capabilities.ts';

const short = (names: readonly string[]) => names.map((name) => name.replace('CAP_', ''));
const bounding = (add: string[], drop: string[], possible?: ReadonlySet<string>) =>
  short(capabilitySets({ add, drop }, possible).bounding);

describe('capabilities', () => {
  it("are Podman's eleven when nothing is asked", () => {
    expect(bounding([], []).join(' ')).toBe(
      'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT',
    );
    expect(capabilitySets({ add: [], drop: [] }).named).toEqual([]);
  });

  it.each([
    [['NET_RAW'], ['ALL'], ['NET_RAW']],
    [['cap_net_raw'], ['all'], ['NET_RAW']],
    [[], ['ALL'], []],
    [['ALL'], [], [...CAPABILITY_NAMES].sort()],
    [['ALL'], ['SYS_ADMIN'], CAPABILITY_NAMES.filter((name) => name !== 'SYS_ADMIN').sort()],
  ])('add %j, drop %j', (add, drop, expected) => {
    expect(bounding(add, drop)).toEqual(expected);
    expect(short(capabilitySets({ add, drop }).named)).toEqual(expected);
  });

  it('are never more than can be given', () => {
    const possible = new Set(['CHOWN', 'NET_RAW']);
    expect(bounding(['ALL'], [], possible)).toEqual(['CHOWN', 'NET_RAW']);
    expect(() => bounding(['SYS_RESOURCE'], [], possible)).toThrow(
      'The capability SYS_RESOURCE cannot be given to a container here.',
    );
  });

  it('are read from a process', () => {
    const names = capabilitiesIn('CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n');
    expect(names?.has('SYS_RESOURCE')).toBe(false);
    expect(names?.size).toBe(40);
    expect(capabilitiesIn('')).toBeNull();
  });
});
