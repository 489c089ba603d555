/** `guesthouse doctor`: exit code 1 when something keeps guests from running. */
import { parse } from '../args.ts';
import { withEngine } from '../engine.ts';
import { plain, printJson } from '../print.ts';

const MARKS = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' };

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parse(args, { json: { type: 'boolean' } });
  const findings = await withEngine((client) => client.call('host.doctor', { fresh: true }));
  if (values.json) printJson(findings);
  else {
    for (const { level, title, found, fix } of findings) {
      process.stdout.write(`${MARKS[level]}  ${plain(title)}: ${plain(found)}\n`);
      if (fix) process.stdout.write(`         ${plain(fix)}\n`);
    }
  }
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
}
