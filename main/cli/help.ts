/** Help, made from the command table. */
import { aliasesText } from './aliases.ts';
import { commands, GROUPS } from './commands.ts';

export function helpAll(): string {
  const all = Object.entries(commands);
  const width = Math.max(...all.map(([name]) => name.length));
  const groups = GROUPS.map((group) => {
    const lines = all
      .filter(([, command]) => command.group === group)
      .map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
    return `${group}:\n${lines.join('\n')}\n`;
  });
  return [
    'guesthouse COMMAND ...',
    '',
    'Containers and virtual machines in one house; isolation is a field of the guest.',
    '',
    ...groups,
    `Also understood: ${aliasesText()}.`,
    '`guesthouse help COMMAND` shows how one is written. Data is kept in $GUESTHOUSE_HOME.',
    '',
  ].join('\n');
}

export function helpFor(name: string): string {
  const command = commands[name];
  return command ? `${command.about}\n\nguesthouse ${command.usage}\n` : helpAll();
}
