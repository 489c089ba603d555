/**
 * What a terminal says by itself, which is not typed: answers to queries, the pointer, the focus. They concern one
 * program alone. Sequences: ECMA-48 and xterm's ctlseqs. Pure.
 */

// Pointer (X10, UTF-8, SGR) and focus; device attributes, status, cursor and window reports; DCS, OSC and APC strings.
// `CSI 1;2R` to `CSI 1;8R` are also F3 with modifiers, and count as typed.
const REPORT = new RegExp(
  ['\\[M', '\\[<', '\\[[IO]$', '\\[[?>=]', '\\[\\d+n', '\\[(?!1;[2-8]R)\\d+;\\d+R', '\\[\\d+(;\\d+)*[ct]', '[P\\]_]']
    .map((form) => `^\\x1b${form}`)
    .join('|'),
);

export const isReport = (text: string): boolean => REPORT.test(text);
