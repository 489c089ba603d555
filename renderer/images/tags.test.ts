import { expect, it } from 'vitest';
import { offered, typedTag } from './tags.ts';

it.each([
  ['alpine:', 'alpine', ''],
  ['alpine:3.1', 'alpine', '3.1'],
  ['registry.example:5000/team/web:1', 'registry.example:5000/team/web', '1'],
])('%s', (text, repository, begun) => {
  expect(typedTag(text)).toEqual({ repository, begun });
});

it.each([
  '',
  'alpine',
  'registry.example:5000/team',
  ':1',
  'a/:1',
  'a@sha256:00',
  'a b:1',
  'localhost:5000',
  'my.host:50',
])('%j names no tag', (text) => {
  expect(typedTag(text)).toBeNull();
});

it('offers newer versions first, and latest before all', () => {
  const tags = ['1.2', '1.10', 'edge', 'latest', '1.9'];
  expect(offered('web:', tags)).toEqual(['web:latest', 'web:edge', 'web:1.10', 'web:1.9', 'web:1.2']);
  expect(offered('web:1.1', tags)).toEqual(['web:1.10']);
  expect(offered('web', tags)).toEqual([]);
});
