import { expect, test } from 'vitest';
import type { ComposePlan, PlannedService } from '../../engine/contract/index.ts';
import { imageLine, planFacts, serviceLine } from './plan-lines.ts';

const web: PlannedService = {
  service: 'web',
  guest: 'shop-web-1',
  isolation: 'container',
  image: 'nginx',
  from: 'pull',
  context: null,
  ports: [
    { hostIp: '127.0.0.1', hostPort: 8080, guestPort: 80, protocol: 'tcp' },
    { hostIp: '::1', hostPort: 53, guestPort: 53, protocol: 'udp' },
    { hostIp: '127.0.0.1', hostPort: 0, guestPort: 443, protocol: 'tcp' },
  ],
  mounts: [
    { source: '/srv/shop', target: '/srv', readOnly: true },
    { source: 'shop_data', target: '/data', readOnly: false },
  ],
  networks: ['shop_default'],
  after: ['db'],
  act: 'create',
};
const plan: ComposePlan = {
  project: 'shop',
  services: [web],
  networks: [{ name: 'shop_default', there: false, external: false, isolated: true }],
  volumes: [{ name: 'shop_data', there: true, external: false }],
  profiles: [],
  leftOut: [],
  orphans: ['shop-old-1'],
  unset: ['TAG'],
  problems: [],
  mark: 'x',
};

test('a service says its ports, its volumes and what it waits for', () => {
  expect(serviceLine(web)).toBe(
    '127.0.0.1:8080 → 80 · [::1]:53 → 53/udp · a free port → 443 · shop_data → /data · after db',
  );
  expect(imageLine(web)).toBe('is fetched');
  expect(imageLine({ ...web, from: 'build', context: '/srv/shop' })).toBe('is built from /srv/shop');
});

test('folders of the host come first; what is not there has no line', () => {
  expect(planFacts(plan).map(({ title, texts }) => `${title}: ${texts.join(', ')}`)).toEqual([
    'Of this host: /srv/shop → web:/srv, read-only',
    'Networks: shop_default (new), isolated',
    'Volumes: shop_data',
    'No longer in the file: shop-old-1',
    'Set nowhere, so empty: TAG',
  ]);
});
