import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { anyFreePort, dynamicPorts, portState } from './ports.ts';

test('ports for anybody are high, and not those of outgoing connections', () => {
  const ports = dynamicPorts('32768\t60999\n');
  expect([ports[0], ports.at(-1)]).toEqual([61_000, 65_535]);
  // Where the kernel takes nearly all, there is nothing better.
  expect(dynamicPorts('1024 65535')).toHaveLength(65_535 - 49_152 + 1);
  expect(dynamicPorts('')).toHaveLength(65_535 - 49_152 + 1);
});

test('what is taken is passed over, and an address that is not ours has none', async () => {
  const all = new Set(dynamicPorts(''));
  const server = createServer();
  const port = (await anyFreePort('127.0.0.1', new Set())) as number;
  all.delete(port);
  expect(await anyFreePort('127.0.0.1', all)).toBe(port);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(await anyFreePort('127.0.0.1', all)).toBeNull();
  await new Promise((resolve) => server.close(resolve));
  expect(await anyFreePort('192.0.2.254', new Set())).toBeNull();
});

test('whoever looks at a port at the same moment is no other program', async () => {
  const port = (await anyFreePort('127.0.0.1', new Set())) as number;
  for (const protocol of ['tcp', 'udp'] as const) {
    const looks = ['127.0.0.1', '0.0.0.0', '127.0.0.1', '0.0.0.0'].map((ip) => portState(ip, port, protocol));
    expect(await Promise.all(looks)).toEqual(['free', 'free', 'free', 'free']);
  }
});
