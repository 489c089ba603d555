/** What QEMU's human monitor says (`info registers -a`, `info mtree -f`), read by us. Pure; QEMU 7.2 to 10. */
import type { InsideMemory, InsideProcessor } from '../../../contract/inside.ts';

const MAX_REGISTERS = 80;
const MAX_RANGES = 500;

/** By processor, in order. */
export function readRegisters(answer: string): Pick<InsideProcessor, 'index' | 'halted' | 'registers' | 'text'>[] {
  return answer
    .split(/^CPU#/m)
    .slice(1)
    .map((part) => {
      const text = part.slice(part.indexOf('\n') + 1).trimEnd();
      const registers = [...text.matchAll(/(?:^|[\s])([A-Za-z][A-Za-z0-9]{1,7}) ?= ?([0-9a-f]{4,32})(?=\s|$)/gm)].map(
        ([, name = '', value = '']) => ({ name, value }),
      );
      return {
        index: Number.parseInt(part, 10),
        halted: /\bHLT=1\b/.test(text),
        registers: registers.slice(0, MAX_REGISTERS),
        text: text.slice(0, 20_000),
      };
    });
}

/** Of the view that programs have: the address space `memory`. */
export function readMemoryMap(answer: string): InsideMemory['ranges'] {
  const view = answer.split(/^FlatView /m).find((part) => /^ AS "memory",/m.test(part)) ?? '';
  return [...view.matchAll(/^ {2}([0-9a-f]{8,16})-([0-9a-f]{8,16}) \(prio -?\d+, ([^)]{1,20})\): (.+)$/gm)]
    .slice(0, MAX_RANGES)
    .map(([, from = '', to = '', kind = '', name = '']) => ({ from, to, kind, name: name.trim() }));
}
