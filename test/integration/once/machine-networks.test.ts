/** Machines on several networks, with real QEMU: a card in each, addresses, ways and names; and by DHCP, as other systems ask. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EngineHome, makeEngineHome } from '../../fixtures/engine.ts';
import { talkTo } from '../../fixtures/talk.ts';

let home: EngineHome;
beforeAll(async () => {
  home = await makeEngineHome();
  await home.call('networks.create', { draft: { name: 'front' } });
  await home.call('networks.create', { draft: { name: 'back', mode: 'isolated' } });
  const serve = (text: string) => `echo ${text} >/index.html; httpd -f -p 80 -h /`;
  await home.up('shop', serve('from-shop'), { network: 'front' });
  await home.up('till', serve('from-till'), { network: 'back' });
});
afterAll(() => home?.end());

test.each(['vm', 'microvm'] as const)('a %s is on both, found on both, and led out by one', async (isolation) => {
  const name = `on-${isolation}`;
  const guest = await home.call('guests.create', {
    draft: {
      name,
      isolation,
      image: 'busybox',
      memoryMib: 128,
      command: ['sh'],
      network: 'back',
      moreNetworks: ['front'],
    },
  });
  expect(guest.addresses.map(({ network }) => network)).toEqual(['back', 'front']);
  await home.call('guests.start', { guest: name });
  const shell = await talkTo(home, name);
  await shell.until(/# /);
  const cards = await shell.say(
    'for n in 0 1; do echo "card:$n:$(cat /sys/class/net/eth$n/address):$(ip -4 -o addr show eth$n | tr -s " " | cut -d" " -f4):"; done; ip route; echo ro""utes',
    /\broutes\r?\n/,
  );
  const [back, front] = guest.addresses;
  const second = (guest.mac ?? '').replace(
    /^(..):(..)/,
    (_, a, b) => `${a}:${(Number.parseInt(b, 16) + 2).toString(16)}`,
  );
  expect(cards).toContain(`card:0:${guest.mac}:${back?.v4}/`);
  expect(cards).toContain(`card:1:${second}:${front?.v4}/`);
  expect(cards).toMatch(/default via [\d.]+ dev eth1/);
  expect(cards).not.toMatch(/default via [\d.]+ dev eth0/);
  const fetched = await shell.say(
    `echo ${name} >/index.html; (httpd -p 80 -h / &) ; wget -qO- http://shop/; wget -qO- http://till/; echo fetch""ed`,
    /\bfetched\r?\n/,
  );
  expect(fetched).toMatch(/from-shop\r?\nfrom-till/);
  for (const peer of ['shop', 'till'])
    await expect.poll(() => home.inside(peer, `wget -qO- http://${name}/`), { timeout: 20_000 }).toBe(`${name}\n`);

  // A system of its own asks for all of this: a router is named on the network that leads out alone.
  await shell.say(`printf '#!/bin/sh\necho "$1:$ip:$router:"\n' >/s; chmod +x /s; echo scr""ipt`, /script/);
  const asked = await shell.say(
    'for n in 0 1; do udhcpc -f -q -n -t 5 -i eth$n -s /s; done; echo as""ked',
    /\basked\r?\n/,
  );
  expect(asked).toContain(`bound:${back?.v4}::`);
  expect(asked).toMatch(new RegExp(`bound:${front?.v4?.replaceAll('.', '\\.')}:10\\.[\\d.]+:`));
  await home.call('guests.kill', { guest: name });
});
