import { expect, test } from 'vitest';
import { parseBlkio, parseField, parseIoOps, parseIoStat, parsePressure, sumDevices } from './cgroup.ts';
import { openHost, parseCpuStat, parseDiskStats, parseMemInfo, parseNetDev, parseTasks } from './host.ts';
import { openProcesses, parseProcessCpu, parseProcessIo, parseStatm, processTree } from './processes.ts';

test('/proc/stat: user, nice, system and interrupts work; idle, waiting and stolen time do not', () => {
  expect(parseCpuStat('cpu  100 20 30 5000 40 5 6 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toBe(161e7);
  expect(parseCpuStat('intr 1')).toBeNull();
  expect(parseTasks('0.00 0.01 0.05 1/234 5678')).toBe(234);
});

test('/proc/meminfo: what is available is not in use', () => {
  const text = 'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    600 kB\n';
  expect(parseMemInfo(text)).toEqual({ usedBytes: 400 * 1024, totalBytes: 1000 * 1024 });
  expect(parseMemInfo('')).toBeNull();
});

test('/proc/diskstats: whole disks, sectors of 512 bytes', () => {
  const text = [
    '   8       0 sda 10 0 100 5 20 0 200 5 0 5 10 0 0 0 0 0 0',
    '   8       1 sda1 10 0 100 5 20 0 200 5 0 5 10 0 0 0 0 0 0',
    ' 253       0 dm-0 10 0 100 5 20 0 200 5 0 5 10',
    ' 259       0 nvme0n1 1 0 8 5 2 0 16 5 0 5 10',
  ].join('\n');
  expect(parseDiskStats(text, new Set(['sda', 'nvme0n1']))).toEqual({
    readBytes: 108 * 512,
    writeBytes: 216 * 512,
    readOps: 11,
    writeOps: 22,
  });
});

test('/proc/net/dev: only the interfaces asked for, also without a blank after the colon', () => {
  const text =
    'Inter-|   Receive |  Transmit\n face |bytes packets\n    lo:    3245      30    0    0    0     0          0         0     3245      30    0    0    0     0       0          0\n  eth0:872235007   20860    0    0    0     0          0         0  1263704   11275    0    0    0     0       0          0\n';
  expect(parseNetDev(text, (name) => name !== 'lo')).toEqual({
    inBytes: 872235007,
    outBytes: 1263704,
    inPackets: 20860,
    outPackets: 11275,
  });
});

test('a program whose name tries to look like fields', () => {
  const stat = '12 (a) S 1 9 9) R 1 2 3 0 -1 4194560 1 2 3 4 100 50 20 10 20 0 1 0 12345 1000 200';
  expect(parseProcessCpu(stat)).toBe(180e7);
  expect(parseProcessCpu('')).toBeNull();
  expect(parseStatm('765 427 399 5 0 123 0')).toEqual({ residentBytes: 427 * 4096, sharedBytes: 399 * 4096 });
  expect(parseProcessIo('rchar: 1\nread_bytes: 4096\nwrite_bytes: 8192\n')).toEqual({
    readBytes: 4096,
    writeBytes: 8192,
  });
  expect(parseProcessIo('')).toBeNull();
});

test('cgroup v1 and v2', () => {
  expect(parseField('cache 1\ntotal_inactive_file 4096\n', 'total_inactive_file')).toBe(4096);
  expect(parseField('total_inactive_file 4096\n', 'inactive_file')).toBeNull();
  const v1 = parseBlkio('254:0 Read 100\n254:0 Write 200\n254:0 Sync 300\n253:1 Read 100\nTotal 300\n');
  expect(v1.get('254:0')).toEqual({ readBytes: 100, writeBytes: 200 });
  const v2 = parseIoStat(
    '259:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=0 dios=0\n253:0 rbytes=100 wbytes=200 rios=1\n',
  );
  expect(parseIoOps('259:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=0 dios=0\n').get('259:0')).toEqual({
    readBytes: 1,
    writeBytes: 2,
  });
  expect(parsePressure('some avg10=98.44 avg60=96.38 avg300=96.12 total=1771\nfull avg10=0.00 total=9\n')).toBe(1771);
  expect(parsePressure(null)).toBeUndefined();
  // An encrypted disk shows its bytes twice: its own and those of the disk under it.
  expect(sumDevices(v2, (device) => device === '253:0')).toEqual({ readBytes: 100, writeBytes: 200 });
  expect(sumDevices(v2, () => true)).toEqual({ readBytes: 200, writeBytes: 400 });
  expect(sumDevices(parseBlkio('Total 0\n'), () => false)).toEqual({ readBytes: 0, writeBytes: 0 });
});

test('this very process and this host are measured', () => {
  const source = openProcesses(() => processTree(process.pid));
  const first = source.read();
  for (let until = performance.now() + 60; performance.now() < until; );
  const second = source.read();
  expect((second?.cpuNs ?? 0) - (first?.cpuNs ?? 0)).toBeGreaterThanOrEqual(2e7);
  expect(second?.memoryBytes).toBeGreaterThan(10e6);
  expect(openProcesses(() => [2 ** 30]).read()).toBeNull();
  const host = openHost();
  const reading = host.read(0);
  expect(reading.cpuNs).toBeGreaterThan(0);
  expect(reading.memoryBytes).toBeLessThan(host.memoryTotalBytes as number);
  host.close();
});
