import { expect, test } from 'vitest';
import { shortcoming } from './runtime.ts';

const probe = (refused: readonly string[]) => ({ choice: null, refused, conmon: null, conmonReason: null });

test('what is missing is what is named', () => {
  expect(shortcoming(probe([])).fix).toBe('Install the package crun or runc.');
  const crunAlone = ['crun 1.8.1: cgroups in hybrid mode not supported', 'crun 1.8.1 (without limits): the same'];
  expect(shortcoming(probe(crunAlone)).fix).toMatch(/^Install the package runc, mend/);
});

test('nobody is told to install what is there and was refused', () => {
  const { reason, fix } = shortcoming(probe(['crun 1.8.1: no namespaces', 'runc 1.1.5: no namespaces']));
  expect(reason).toContain('runc 1.1.5: no namespaces');
  expect(fix).not.toContain('Install');
  expect(fix).toContain('Both are installed');
});
