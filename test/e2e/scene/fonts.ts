/** The faces the window is drawn for, where this machine has them: Inter for words, JetBrains Mono for machines. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FACES = [
  ['system-ui', 'Inter'],
  ['sans', 'Inter'],
  ['sans-serif', 'Inter'],
  ['ui-monospace', 'JetBrains Mono'],
  ['monospace', 'JetBrains Mono'],
];

/** Writes a fontconfig file into `folder` and answers the environment that makes a program use it. */
export function fontEnvironment(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'fonts.conf');
  const rules = FACES.map(
    ([asked, given]) => `<match target="pattern"><test qual="any" name="family"><string>${asked}</string></test>
<edit name="family" mode="prepend" binding="strong"><string>${given}</string></edit></match>`,
  );
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<cachedir>${join(folder, 'cache')}</cachedir>
${rules.join('\n')}
</fontconfig>
`,
  );
  return { FONTCONFIG_FILE: file };
}
