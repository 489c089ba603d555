/** `$VAR`, `${VAR:-default}` and their like in a text, after the Compose specification (12-interpolation.md). Pure. */

export type Lookup = (name: string) => string | undefined;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
/** No text grows larger than this through its variables (characters): a few lines can otherwise mean terabytes. */
const MAX_GROWN = 1024 * 1024;
/** Defaults within defaults. */
const MAX_DEPTH = 16;

/** `$$` is one `$`. A variable that is not set is empty; `onUnset` hears of it. Throws Error with one plain sentence. */
export function interpolate(
  text: string,
  lookup: Lookup,
  onUnset: (name: string) => void = () => {},
  depth = 0,
): string {
  if (depth > MAX_DEPTH) throw new Error('Defaults are nested too deeply.');
  let out = '';
  for (let at = 0; at < text.length; ) {
    if (out.length > MAX_GROWN) throw new Error('The variables make this text larger than 1 MiB.');
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return out + text.slice(at);
    out += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      out += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const end = closing(text, dollar + 2);
      if (end < 0) throw new Error(`\`\${\` is not closed in ${JSON.stringify(text.slice(dollar, dollar + 40))}.`);
      out += braced(text.slice(dollar + 2, end), lookup, onUnset, depth);
      at = end + 1;
    } else {
      const name = NAME.exec(text.slice(dollar + 1))?.[0];
      if (name === undefined)
        throw new Error(`\`$\` in ${JSON.stringify(text.slice(0, 60))} begins no variable; write \`$$\` for a dollar.`);
      const value = lookup(name);
      if (value === undefined) onUnset(name);
      out += value ?? '';
      at = dollar + 1 + name.length;
    }
  }
  return out;
}

/** Position of the `}` that closes what began before `from`; -1: none. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('$$', at)) at++;
    else if (text.startsWith('${', at)) {
      depth++;
      at++;
    } else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function braced(inner: string, lookup: Lookup, onUnset: (name: string) => void, depth: number): string {
  const name = NAME.exec(inner)?.[0];
  const match = name === undefined ? null : /^(:?[-?+])?(.*)$/s.exec(inner.slice(name.length));
  const [, operator, rest] = match ?? [];
  if (name === undefined || match === null || (operator === undefined && rest !== ''))
    throw new Error(`\${${inner.slice(0, 40)}} is not a variable.`);
  const value = lookup(name);
  const isThere = value !== undefined && !(operator?.startsWith(':') && value === '');
  const word = () => interpolate(rest ?? '', lookup, onUnset, depth + 1);
  switch (operator?.at(-1)) {
    case '-':
      return isThere ? value : word();
    case '+':
      return isThere ? word() : '';
    case '?':
      if (isThere) return value;
      throw new Error(`The variable ${name} has to be set${rest ? `: ${word()}` : ''}.`);
    default:
      if (value === undefined) onUnset(name);
      return value ?? '';
  }
}
