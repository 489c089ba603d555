/** Further programs in a machine from a rootfs image: real QEMU, real init. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleEndpoint, ExecRequest, GuestRecord } from '../../engine/drivers/driver.ts';
import { type Machines, makeMachines, operationContext } from '../fixtures/machines.ts';

let machines: Machines;
let guest: GuestRecord;
beforeAll(async () => {
  machines = await makeMachines();
  guest = machines.record({ command: ['sleep', '100000'], env: { A: "it's" } });
  await machines.up(guest);
}, 120_000);
afterAll(async () => {
  await machines?.end();
});

interface Ran {
  readonly endpoint: ConsoleEndpoint;
  out: string;
  errors: string;
  readonly bytes: Buffer[];
  readonly end: Promise<number | null>;
  until(pattern: RegExp, timeoutMs?: number): Promise<string>;
}

async function begin(command: readonly string[], more: Partial<ExecRequest> = {}): Promise<Ran> {
  const request = { command, tty: false, columns: 80, rows: 24, user: null, env: [], ...more };
  return follow(await machines.driver.exec(guest, request));
}

async function follow(endpoint: ConsoleEndpoint): Promise<Ran> {
  const end = Promise.withResolvers<number | null>();
  const ran: Ran = {
    endpoint,
    out: Buffer.concat((await endpoint.history(1024 * 1024)).map(({ bytes }) => bytes)).toString(),
    errors: '',
    bytes: [],
    end: end.promise,
    async until(pattern, timeoutMs = 40_000) {
      for (const late = performance.now() + timeoutMs; ; await sleep(20)) {
        if (pattern.test(ran.out)) return ran.out;
        if (performance.now() > late) throw new Error(`${pattern} did not come, but ${JSON.stringify(ran.out)}`);
      }
    },
  };
  await endpoint.start({
    onData(bytes, channel) {
      if (channel === 'stderr') ran.errors += Buffer.from(bytes).toString();
      else {
        ran.out += Buffer.from(bytes).toString();
        ran.bytes.push(Buffer.from(bytes));
      }
    },
    onEnd: end.resolve,
  });
  return ran;
}

describe('a program in a machine', () => {
  it('has its output apart, its code, user, folder and environment', async () => {
    const ran = await begin(
      ['sh', '-c', 'echo "out $A $B"; pwd; id -un; echo err >&2; echo again >/dev/stdout; exit 3'],
      { env: ["B=it's"], user: 'nobody', workingDir: '/tmp' },
    );
    expect(await ran.end).toBe(3);
    expect(ran.out).toBe("out it's it's\n/tmp\nnobody\nagain\n");
    expect(ran.errors).toBe('err\n');
    const missing = await begin(['nothere']);
    expect(await missing.end).toBe(127);
    expect(missing.errors).toContain('no program nothere');
    await expect(begin(['true'], { user: 'whoever', tty: true })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('takes any bytes to its end and gives them back', async () => {
    const bytes = Buffer.alloc(2_000_000);
    for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 2_654_435_761) >>> 13;
    const ran = await begin(['cat']);
    for (let at = 0; at < bytes.length; at += 50_001) {
      if (!ran.endpoint.write(bytes.subarray(at, at + 50_001))) await ran.endpoint.drained();
    }
    ran.endpoint.endInput();
    expect(await ran.end).toBe(0);
    const all = Buffer.concat(ran.bytes);
    expect(all.length).toBe(bytes.length);
    expect(createHash('sha256').update(all).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('has a terminal with a size that follows, Ctrl-C, and goes on without the engine', async () => {
    const first = await begin([], { tty: true, columns: 100, rows: 40 });
    first.endpoint.write(Buffer.from('stty size; tty; echo mar""ked\n'));
    expect(await first.until(/marked/)).toMatch(/40 100[\s\S]*\/dev\/pts\/\d/);
    first.endpoint.resize(120, 50);
    await sleep(1_000);
    first.endpoint.write(Buffer.from('stty size; sleep 1000\n'));
    await first.until(/50 120/);
    await sleep(1_000);
    first.endpoint.write(Buffer.from([3]));
    first.endpoint.write(Buffer.from('echo $?; echo inter""rupted; sleep 3; echo mean""while\n'));
    expect(await first.until(/interrupted/)).toContain('130');
    await machines.restartEngine();
    await machines.driver.adopt(guest);
    const found = (await machines.driver.endpoints(guest)).filter(({ kind }) => kind === 'exec');
    expect(found.map(({ id }) => id)).toEqual([first.endpoint.id]);
    const met = await follow(found[0] as ConsoleEndpoint);
    await met.until(/interrupted[\s\S]*meanwhile/);
    met.endpoint.write(Buffer.from('exit 7\n'));
    expect(await met.end).toBe(7);
  });

  it('ends with all it started, and its lines go with it', async () => {
    const ran = await begin(['sh', '-c', 'sleep 5000 & setsid sleep 5000 & echo ready; wait']);
    await ran.until(/ready/);
    await machines.driver.endExec(guest, ran.endpoint.id);
    const left = await begin(['sh', '-c', 'ps | grep "sleep 500[0]"; echo done']);
    await left.end;
    expect(left.out).toBe('done\n');
  });

  it('is listed with the others of the machine, by their own numbers', async () => {
    const found = (await machines.driver.top?.(guest)) ?? [];
    expect(found.find(({ command }) => command.includes('sleep 100000'))).toMatchObject({ uid: 0, state: 'S' });
    expect(found.find(({ pid }) => pid === 1)?.command).toContain('init');
  });

  it('is seen from outside without its noticing', async () => {
    const inside = await machines.driver.inside?.(guest);
    expect(inside).toMatchObject({
      status: 'running',
      agent: null,
      agentWhy: expect.stringContaining('No guest agent'),
    });
    expect(inside?.processors).toHaveLength(1);
    expect(inside?.processors[0]?.registers.map(({ name }) => name)).toEqual(expect.arrayContaining(['RIP', 'CR3']));
    expect(inside?.memory.baseBytes).toBe(128 * 1024 * 1024);
    expect(inside?.memory.ranges.some(({ kind, name }) => kind === 'ram' && name === 'pc.ram')).toBe(true);
    expect(inside?.devices.some(({ name }) => name === 'root')).toBe(true);
    expect(inside?.drives.find(({ name }) => name === 'root')).toMatchObject({ format: 'qcow2', readOnly: false });
    expect(inside?.lines).toContainEqual({ name: 'agent', guestListens: true });
    // Programs that ended have left nothing behind.
    const left = async () => {
      const { lines = [] } = (await machines.driver.inside?.(guest)) ?? {};
      return lines.filter(({ name }) => /^(session|errors)-/.test(name));
    };
    await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  });

  it('says how it is off for memory, also to an engine that meets it again', async () => {
    const MIB = 1024 * 1024;
    const seen = async () => (await machines.driver.inside?.(guest))?.memory.guest ?? null;
    await expect.poll(seen, { timeout: 40_000 }).not.toBeNull();
    const ran = await begin(['sh', '-c', 'grep MemTotal /proc/meminfo']);
    await ran.end;
    const before = await seen();
    expect(before?.totalBytes).toBe(Number(/\d+/.exec(ran.out)?.[0]) * 1024);
    expect(before?.majorFaults).toBeGreaterThanOrEqual(0);
    const taken = await begin(['sh', '-c', 'dd if=/dev/zero of=/dev/shm/taken bs=1M count=30']);
    expect(await taken.end).toBe(0);
    const more = async () => ((await seen())?.usedBytes ?? 0) - (before?.usedBytes ?? 0);
    await expect.poll(more, { timeout: 40_000 }).toBeGreaterThan(25 * MIB);
    await machines.restartEngine();
    await machines.driver.adopt(guest);
    // Each reading is as of one before.
    const counted = async () => machines.driver.counters(guest)?.guestMemoryBytes ?? 0;
    await expect.poll(counted, { timeout: 40_000 }).toBeGreaterThan((before?.usedBytes ?? 0) + 25 * MIB);
    const freed = await begin(['rm', '/dev/shm/taken']);
    expect(await freed.end).toBe(0);
    await expect.poll(counted, { timeout: 40_000 }).toBeLessThan((before?.usedBytes ?? 0) + 20 * MIB);
  });

  it('may be one of many', async () => {
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => begin(['sh', '-c', `echo ${n}; exit ${n}`])));
    expect(await Promise.all(all.map(({ end }) => end))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(all.map(({ out }) => out)).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n', '6\n']);
  });

  it('copies files in and out, all or nothing', async () => {
    const files = machines.driver.files?.(guest);
    if (!files) throw new Error('no files');
    const signal = AbortSignal.timeout(60_000);
    const content = Buffer.alloc(300_000, 'guesthouse');
    async function* source() {
      yield content.subarray(0, 100_000);
      yield content.subarray(100_000);
    }
    await files.makeFolder('/srv');
    const { done } = await files.copyIn('/srv/file', { raw: true, signal, source: source() });
    await done;
    const { entries } = await files.list('/srv');
    expect(entries).toMatchObject([{ name: 'file', kind: 'file', sizeBytes: content.length, uid: 0 }]);
    const out = await files.copyOut('/srv/file', { raw: true, signal });
    const parts: Uint8Array[] = [];
    for await (const part of out.bytes) parts.push(part);
    expect(Buffer.concat(parts).equals(content)).toBe(true);
    await expect(files.list('/nothere')).rejects.toMatchObject({ code: 'not-found' });
    await files.rename('/srv/file', '/srv/other');
    await files.remove('/srv');
    await expect(files.list('/srv')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('ends with its machine', async () => {
    const ran = await begin(['sleep', '1000']);
    await machines.driver.stop(guest, 20_000, operationContext());
    expect(await ran.end).not.toBe(0);
  });
});
