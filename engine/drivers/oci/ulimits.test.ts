import { describe, expect, it } from 'vitest';
import { hardLimitsIn, rlimits } from './ulimits.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max core file size        0                    unlimited            bytes
Max open files            1024                 524288               files
`;

describe('limits of processes', () => {
  const hard = hardLimitsIn(LIMITS);

  it('are read as they are in force', () => {
    expect([...hard]).toEqual([
      ['core', Number.POSITIVE_INFINITY],
      ['cpu', Number.POSITIVE_INFINITY],
      ['nofile', 524_288],
    ]);
  });

  it('open as many files as the host allows when nothing is asked', () => {
    expect(rlimits([], hard, false)).toEqual([{ type: 'RLIMIT_NOFILE', hard: 524_288, soft: 524_288 }]);
  });

  it('are written for the runtime, without limit too', () => {
    const asked = [
      { name: 'nofile', soft: 10, hard: 20 },
      { name: 'core', soft: 0, hard: -1 },
    ];
    expect(JSON.stringify(rlimits(asked, hard, false))).toBe(
      '[{"type":"RLIMIT_NOFILE","hard":20,"soft":10},{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}]',
    );
  });

  it.each([600_000, -1])('are not raised to %i without the right to', (limit) => {
    const asked = [{ name: 'nofile', soft: 10, hard: limit }];
    expect(() => rlimits(asked, hard, false)).toThrow(/^The limit nofile cannot be/);
    expect(rlimits(asked, hard, true)).toHaveLength(1);
  });
});
