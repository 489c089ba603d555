import { expect, test } from 'vitest';
import type { Image } from '../../engine/contract/index.ts';
import { imageOf } from './image-of.ts';

const image = (id: string, name: string, aliases: string[] = []): Image => ({ id, name, aliases }) as unknown as Image;
const images = [
  image('sha256:aaaa11112222', 'busybox:latest'),
  image('sha256:aaaa11113333', 'debian:12', ['mine:2', 'also:latest']),
  image('sha256:bbbb11112222', 'registry.example:5000/team/web:latest'),
];

test.each([
  ['busybox', 'busybox:latest'],
  ['busybox:latest', 'busybox:latest'],
  ['debian:12', 'debian:12'],
  ['mine:2', 'debian:12'],
  ['also', 'debian:12'],
  ['registry.example:5000/team/web', 'registry.example:5000/team/web:latest'],
  ['sha256:bbbb11112222', 'registry.example:5000/team/web:latest'],
  ['bbbb1111', 'registry.example:5000/team/web:latest'],
])('%s is %s', (reference, name) => {
  expect(imageOf(images, reference)?.name).toBe(name);
});

test.each([null, '', 'debian', 'busybox:1', 'aaaa1111', 'bbbb', '/srv/iso/setup.iso'])(
  '%s is none of them',
  (reference) => {
    expect(imageOf(images, reference)).toBeUndefined();
  },
);
