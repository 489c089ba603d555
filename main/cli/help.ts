/** Help, made from the command table. */
import { commands } from './commands.ts';

export function helpAll(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return [
    'guesthouse COMMAND ...',
    '',
    'Containers and virtual machines in one house; isolation is a field of the guest.',
    '',
    ...lines,
    '',
    '`guesthouse help COMMAND` shows how one is written. Data is kept in $GUESTHOUSE_HOME.',
    '',
  ].join('\n');
}

export function helpFor(name: string): string {
  const command = commands[name];
  return command ? `guesthouse ${command.usage}\n\n${command.about}\n` : helpAll();
}
