import { expect, it } from 'vitest';
import { parseRoutes } from './host-routes.ts';
import { subnetText } from './subnet.ts';

it('reads where the host sends packets, without the default route', () => {
  const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
`;
  expect(parseRoutes(text).map((route) => `${subnetText(route)} ${route.device}`)).toEqual([
    '192.0.2.0/24 eth0',
    '172.17.0.0/16 docker0',
  ]);
});
