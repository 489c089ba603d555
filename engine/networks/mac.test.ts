import { expect, test } from 'vitest';
import { isOfOneCard, macOfGuest, readMac } from './mac.ts';
import { memberOf } from './members.ts';

test.each([
  ['52:54:00:AB:cd:01', '52:54:00:ab:cd:01'],
  [' 52-54-00-ab-cd-01 ', '52:54:00:ab:cd:01'],
  ['52:54:00-ab:cd:01', null],
  ['52:54:00:ab:cd', null],
  ['52:54:00:ab:cd:01,romfile=/etc/passwd', null],
  ['', null],
])('%j', (text, mac) => {
  expect(readMac(text)).toBe(mac);
});

test('one card alone has an even first byte, and not nothing', () => {
  expect(['52:54:00:00:00:01', '00:00:00:00:00:00', '01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff'].map(isOfOneCard)).toEqual(
    [true, false, false, false],
  );
});

test('a guest has the address it was given unless another is wished for', () => {
  const spec = { name: 'web', network: 'nat', aliases: [], macAddress: null };
  const guest = { id: '0123456789ab', spec, address: '10.99.0.9', mac: '52:54:00:00:00:01', ports: [] };
  const wished = { ...guest, spec: { ...spec, macAddress: '02-00-00-00-00-0A' } };
  expect([guest, wished].map(macOfGuest)).toEqual(['52:54:00:00:00:01', '02:00:00:00:00:0a']);
  expect(memberOf(wished)?.mac).toBe('02:00:00:00:00:0a');
});
