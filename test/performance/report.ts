/** The result of a run as a table for people. */
import type { BenchResult, VariantResult } from './harness.ts';
import type { Machine } from './machine.ts';

export function reportMachine(machine: Machine): string {
  const tools = Object.entries(machine.versions).map(([tool, version]) => `  ${tool}: ${version}`);
  return [
    `${machine.os}, kernel ${machine.kernel}, ${machine.cpus} x ${machine.cpuModel}, ${machine.memoryMib} MiB, ` +
      `load ${machine.load}, as ${machine.privilege}`,
    ...tools,
  ].join('\n');
}

export function reportBench(result: BenchResult): string {
  const width = Math.max(...result.variants.map(({ label, unit = '' }) => label.length + unit.length + 3), 20);
  const line = (cells: readonly string[]) =>
    `${(cells[0] as string).padEnd(6)}${(cells[1] as string).padEnd(width + 2)}${cells
      .slice(2)
      .map((cell) => cell.padStart(10))
      .join('')}`;
  const rows = result.variants.flatMap((variant) => variantRows(variant).map(line));
  const goals = result.goals.map(({ of, ours, than, atMost, measured, met }) => {
    const verdict = met === null ? 'not measured' : met ? 'met' : 'MISSED';
    const named = [ours, than].filter((name) => name !== undefined).join(' / ');
    return `  ${named === '' ? of : `${of} (${named})`}: ${measured === null ? '-' : measured.toFixed(2)} (at most ${atMost}) ${verdict}`;
  });
  return [
    `${result.name}: ${result.about}`,
    line(['', 'milliseconds', 'median', 'p95', 'min', 'max', 'rounds']),
    ...rows,
    ...goals,
  ].join('\n');
}

function variantRows({ role, label: name, unit, absent, total, more }: VariantResult): string[][] {
  const label = unit === undefined ? name : `${name} (${unit})`;
  if (!total) return [[role, `${label}: ${(absent ?? 'no measurement').slice(0, 160)}`, '-', '-', '-', '-', '0']];
  const numbers = (summary: typeof total) =>
    [summary.median, summary.p95, summary.min, summary.max].map((ms) => ms.toFixed(1));
  return [
    [role, label, ...numbers(total), String(total.rounds)],
    ...Object.entries(more ?? {}).map(([name, summary]) => ['', `  ${name}`, ...numbers(summary), '']),
  ];
}
