/** The faces the window is drawn for, where this machine has them: Inter for words, JetBrains Mono for machines. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WORDS = ['system-ui', 'sans', 'sans-serif', 'Inter'];
const MACHINES = ['ui-monospace', 'monospace', 'JetBrains Mono'];

/** Writes a fontconfig file into `folder` and answers the environment that makes a program use it. */
export function fontEnvironment(folder: string, words = 'Inter', machines = 'JetBrains Mono'): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'fonts.conf');
  const faces = [...WORDS.map((asked) => [asked, words]), ...MACHINES.map((asked) => [asked, machines])];
  const rules = faces.map(
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

/** The same for the faces that set-up guarantees, whatever else a machine has. */
export function plainFonts(folder: string): Record<string, string> {
  return fontEnvironment(folder, 'DejaVu Sans', 'DejaVu Sans Mono');
}
