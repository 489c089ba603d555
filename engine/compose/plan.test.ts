import { describe, expect, it } from 'vitest';
import type { Guest } from '../contract/guest.ts';
import type { Image } from '../contract/image.ts';
import type { Network } from '../contract/network.ts';
import { guestsOf, markedDraft, serviceOf } from './labels.ts';
import { type Present, planResources, planService } from './plan.ts';
import { readProject } from './project.ts';
import type { Service } from './service.ts';

const project = (text: string) =>
  readProject({
    text,
    fileName: 'c',
    folder: '/f',
    name: 'p',
    variable: () => undefined,
    readFile: () => null,
    isThere: () => true,
  });
const FILE = 'services:\n  web: { image: busybox, ports: ["0:80"], depends_on: [db] }\n  db: { image: busybox }\n';

/** The guest this service would have become. */
function guest(service: Service, more: Partial<Guest> = {}): Guest {
  const spec = markedDraft('p', service);
  const ports = (spec.ports ?? []).map((rule) => ({ ...rule, hostPort: 34_567 }));
  return {
    id: service.name,
    name: spec.name,
    isolation: spec.isolation,
    state: 'running',
    spec,
    ports,
    ...more,
  } as Guest;
}
function present(guests: readonly Guest[], more: Partial<Present> = {}): Present {
  const image = { id: 'sha256:1', name: 'busybox:latest', aliases: [], usedBy: guests.map(({ name }) => name) };
  return { guests, images: [image as unknown as Image], networks: [], volumes: [], ...more };
}
const service = (text: string, name = 'web') => project(text).services.find((one) => one.name === name) as Service;

describe('a service', () => {
  const web = service(FILE);
  it('that is missing is created, one that is as it shall be is kept', () => {
    expect(planService('p', web, 'busybox', present([]))).toEqual({ do: 'create' });
    expect(planService('p', web, 'busybox', present([guest(web)]))).toMatchObject({ do: 'keep' });
  });

  it('does not change by the order of lines', () => {
    const other = service(
      'services:\n  db: { image: busybox }\n  web: { depends_on: [db], ports: ["0:80"], image: busybox }\n',
    );
    expect(planService('p', other, 'busybox', present([guest(web)]))).toMatchObject({ do: 'keep' });
  });

  it('that changed is updated, what was taken out of the file is taken back, and a chosen port stays', () => {
    const named = service(FILE.replace('image: busybox, ports', 'image: busybox, user: "5", ports'));
    const act = planService('p', web, 'busybox', present([guest(named)]));
    expect(act).toMatchObject({ do: 'update', change: { user: null, ports: [{ hostPort: 34_567 }] } });
    expect((act as { change: object }).change).not.toHaveProperty('image');
  });

  it('with another image, isolation or name is made anew, and so is a half-made one', () => {
    const images = [{ id: 'sha256:2', name: 'busybox:latest', aliases: [], usedBy: [] } as unknown as Image];
    const machine = service(FILE.replace('image: busybox, ports', 'image: busybox, x-isolation: vm, ports'));
    expect(planService('p', web, 'busybox', present([guest(web)], { images }))).toMatchObject({ do: 'replace' });
    expect(planService('p', machine, 'busybox', present([guest(web)]))).toMatchObject({ do: 'replace' });
    expect(planService('p', web, 'busybox', present([guest(web, { state: 'creating' })]))).toMatchObject({
      do: 'replace',
    });
  });

  it('takes no guest that is not its own', () => {
    const stranger = guest(web);
    const spec = { ...stranger.spec, labels: {} };
    expect(() => planService('p', web, 'busybox', present([{ ...stranger, spec }]))).toThrow('does not belong');
  });
});

describe('networks and volumes', () => {
  const text = `${FILE.replace('image: busybox, ports', 'image: busybox, volumes: ["d:/d"], networks: [n], ports')}networks: { n: { internal: true } }\nvolumes: { d: {} }\n`;
  it('that are missing are made, marked', () => {
    expect(planResources(project(text), present([]))).toMatchObject({
      networks: [
        { name: 'p_n', mode: 'isolated', labels: { 'com.docker.compose.project': 'p' } },
        { name: 'p_default', mode: 'nat' },
      ],
      volumes: [{ name: 'p_d', labels: { 'com.docker.compose.project': 'p' } }],
    });
  });

  it('of another kind, or external and missing, are refused', () => {
    const networks = [{ name: 'p_n', mode: 'nat', labels: {} } as unknown as Network];
    expect(() => planResources(project(text), present([], { networks }))).toThrow('isolated');
    const external = project(text.replace('d: {}', 'd: { external: true }'));
    expect(() => planResources(external, present([]))).toThrow('There is no volume d');
  });

  it('tells of guests whose service is gone', () => {
    const guests = [guest(service(FILE)), guest(service(FILE, 'db'))];
    expect(planResources(project('services: { web: { image: busybox } }'), present(guests)).orphans).toEqual([
      'p-db-1',
    ]);
  });
});

it('orders guests by what they wait for, from their marks alone', () => {
  const guests = [guest(service(FILE)), guest(service(FILE, 'db'))];
  expect(guestsOf('p', guests).map(serviceOf)).toEqual(['db', 'web']);
  expect(guestsOf('other', guests)).toEqual([]);
});
