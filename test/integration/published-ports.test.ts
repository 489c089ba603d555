/** Published ports through the real relay, under guests that go on. As root and as an ordinary user. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PortRule } from '../../engine/contract/guest.ts';
import { freePort } from '../../engine/host/ports.ts';
import type { Holder } from '../../engine/networks/holder.ts';
import { namesPid } from '../../engine/networks/names.ts';
import { childNamed } from '../../engine/networks/processes.ts';
import { eventually } from '../fixtures/containers.ts';
import { type HouseWithNetworks, houseWithNetworks } from '../fixtures/house-with-networks.ts';

const rule = (hostPort: number, guestPort: number, more: Partial<PortRule> = {}): PortRule => ({
  hostIp: '127.0.0.1',
  hostPort,
  guestPort,
  protocol: 'tcp',
  ...more,
});

describe('published ports', () => {
  let place: HouseWithNetworks;
  beforeAll(async () => {
    place = await houseWithNetworks();
  });
  afterEach(() => place.quiet());
  afterAll(() => place.end());

  const gatewayOf = (name: string) => place.networks.get(name).gateway4;
  const free = async (from: number) => (await freePort('127.0.0.1', from, new Set())) as number;
  /** Sends one datagram and answers what comes back, or null. */
  const echoed = async (host: string, port: number, text: string) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      return await new Promise<string | null>((resolve) => {
        const again = setInterval(() => socket.send(text, port, host), 300);
        setTimeout(() => resolve(null), 3000).unref();
        socket.on('error', () => {});
        socket.on('message', (data) => {
          clearInterval(again);
          resolve(data.toString());
        });
        socket.send(text, port, host);
      });
    } finally {
      socket.close();
    }
  };

  it('publishes TCP and UDP on addresses of both families', async () => {
    const port = await free(29_080);
    const ports = [
      rule(port, 80),
      rule(port, 80, { protocol: 'udp' }),
      rule(port, 80, { hostIp: '::1' }),
      rule(port, 80, { hostIp: '::1', protocol: 'udp' }),
    ];
    const web = place.member('web', ['front'], { ports });
    await place.serve(await place.up(web), 80, 'served');
    await place.house.publish(web);
    for (const host of ['127.0.0.1', '::1']) {
      expect(await place.fetch([], host, port), host).toBe('served');
      expect(await echoed(host, port, 'ping'), host).toBe('ping');
    }
    expect(await echoed('127.0.0.1', port, 'x'.repeat(9000))).toHaveLength(9000);
    await place.house.unpublish(web.guestId);
    expect(await place.fetch([], '::1', port)).toBe('ECONNREFUSED');
    expect(childNamed(place.house.pid as number, 'gh-relay')).toBeNull();
  });

  it('changes ports while connections of the others go on, or changes nothing', async () => {
    const [kept, old, fresh] = [await free(29_180), await free(29_280), await free(29_380)];
    const web = place.member('shifty', ['nat'], { ports: [rule(kept, 80), rule(old, 80)] });
    await place.serve(await place.up(web), 80, 'hello ');
    await place.house.publish(web);
    const talk = connect(kept, '127.0.0.1');
    let heard = '';
    let closed = false;
    talk.on('data', (data) => {
      heard += data;
    });
    talk.on('close', () => {
      closed = true;
    });
    const leaving = connect(old, '127.0.0.1');
    const left = new Promise((resolve) => leaving.on('error', () => {}).once('close', resolve));
    await eventually(() => (heard === 'hello ' ? true : null));
    await new Promise((resolve) => leaving.once('data', resolve));

    await place.house.publish({ ...web, ports: [rule(kept, 80), rule(fresh, 80)] });
    await left;
    talk.write('still here');
    await eventually(() => (heard === 'hello still here' ? true : null));
    expect(await place.fetch([], '127.0.0.1', old)).toBe('ECONNREFUSED');
    expect(await place.fetch([], '127.0.0.1', fresh)).toBe('hello');

    const busy = await place.listen('127.0.0.1');
    const refused = place.house.publish({ ...web, ports: [rule(old, 80), rule(busy, 80)] });
    await expect(refused).rejects.toMatchObject({ code: 'conflict', subject: `127.0.0.1:${busy}` });
    expect(await place.fetch([], '127.0.0.1', fresh)).toBe('hello');
    expect(await place.fetch([], '127.0.0.1', old)).toBe('ECONNREFUSED');
    // From one address to all of them: the old one is in the way of itself.
    await place.house.publish({ ...web, ports: [rule(kept, 80), rule(fresh, 80, { hostIp: '0.0.0.0' })] });
    expect(await place.fetch([], '127.0.0.1', fresh)).toBe('hello');
    talk.write('!');
    await eventually(() => (heard === 'hello still here!' ? true : null));
    expect(closed).toBe(false);
    talk.destroy();
    await place.house.detach(web.guestId);
  });

  it('says what is wrong with a port', async () => {
    const web = place.member('wrong', ['nat']);
    await place.up(web);
    const refused = (one: PortRule) => place.house.publish({ ...web, ports: [one] });
    await expect(refused(rule(29_480, 80, { hostIp: '2001:db8::1' }))).rejects.toMatchObject({ code: 'invalid' });
    await expect(refused(rule(29_480, 80, { hostIp: '203.0.113.9', protocol: 'udp' }))).rejects.toMatchObject({
      code: 'invalid',
    });
    if (process.getuid?.() !== 0) await expect(refused(rule(81, 80))).rejects.toMatchObject({ code: 'denied' });
  });

  it('is met again by the next engine, all networks and ports of it', async () => {
    const port = await free(29_580);
    const web = place.member('steady', ['front'], { ports: [rule(port, 80, { protocol: 'udp' })] });
    await place.serve(await place.up(web), 80, 'on');
    await place.house.publish(web);
    const relay = childNamed(place.house.pid as number, 'gh-relay');
    await place.house.close();
    await place.open();
    expect(childNamed(place.house.pid as number, 'gh-relay')).toBe(relay);
    expect(await echoed('127.0.0.1', port, 'again')).toBe('again');
    const names = () => namesPid({ pid: place.house.pid } as Holder, `gn${place.networks.get('front').index}`);
    process.kill(names() as number, 'SIGKILL');
    await eventually(() => (names() === null ? true : null));
    // What a program that was killed held is not always free at once; whoever needs the house next asks again.
    await eventually(async () => {
      await place.house.ensure();
      return names();
    });
    const late = await place.up(place.member('late', ['front']));
    expect(await place.fetch(late, 'steady', 80, gatewayOf('front'))).toBe('on');
    await place.house.detach(web.guestId);
  });
});
