import { describe, expect, it } from 'vitest';
import { composeConfig, NO_CONFIG, parseConfig } from './config.ts';

const DIFF = 'a'.repeat(64);
const parse = (config: unknown) =>
  parseConfig(Buffer.from(JSON.stringify({ rootfs: { type: 'layers', diff_ids: [`sha256:${DIFF}`] }, config }))).config;

const FULL = {
  entrypoint: ['/entry'],
  cmd: ['serve'],
  env: ['A=1'],
  workingDir: '/srv',
  user: 'web:www',
  exposedPorts: [80, 443],
  volumes: ['/data', '/var/lib/x'],
  stopSignal: 'SIGQUIT',
  health: { command: ['/check', 'it'], intervalMs: 5000, timeoutMs: 1000, startPeriodMs: 250, retries: 4 },
  labels: { 'org.example': 'yes' },
};

describe("an image's configuration", () => {
  it('is composed and read back whole', () => {
    expect(parseConfig(composeConfig(FULL, [DIFF]))).toMatchObject({ config: FULL, diffIds: [DIFF] });
    expect(parseConfig(composeConfig(NO_CONFIG, [DIFF])).config).toEqual(NO_CONFIG);
  });

  it.each([
    [{ Test: ['NONE'] }, null],
    [{ Test: [] }, null],
    [{ Test: ['CMD'] }, null],
    [{ Test: ['CMD', ''] }, null],
    [{ Test: 'CMD true' }, null],
    [{ Test: ['SHELL', 'true'] }, null],
    [
      { Test: ['CMD', 'a', 'b'] },
      { command: ['a', 'b'], intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 },
    ],
    [
      { Test: ['CMD-SHELL', 'a | b'], Interval: 2_500_000_000, Timeout: 1, StartPeriod: 1_000_000, Retries: 9 },
      { command: ['/bin/sh', '-c', 'a | b'], intervalMs: 2500, timeoutMs: 1, startPeriodMs: 1, retries: 9 },
    ],
    [
      { Test: ['CMD', 'a'], Interval: -1, Timeout: 'soon', StartPeriod: null, Retries: 1.5 },
      { command: ['a'], intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, retries: 3 },
    ],
  ])('takes the health check %j for %j', (Healthcheck, expected) => {
    expect(parse({ Healthcheck }).health).toEqual(expected);
  });

  it('leaves out labels and folders that are none', () => {
    const config = parse({
      Labels: { a: 'b', c: 1, d: 'x'.repeat(70_000) },
      Volumes: { '/data': {}, data: {}, '/a\0b': {} },
    });
    expect(config.labels).toEqual({ a: 'b' });
    expect(config.volumes).toEqual(['/data']);
  });

  it.each([
    [{ StopSignal: 9 }, 'StopSignal'],
    [{ Entrypoint: 'sh' }, 'Entrypoint'],
    [{ WorkingDir: ['/'] }, 'WorkingDir'],
    [{ User: 'a\0b' }, 'User'],
  ])('refuses %j', (config, word) => {
    expect(() => parse(config)).toThrow(word);
  });
});
