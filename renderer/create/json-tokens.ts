/** Cuts JSON text into keys, strings, numbers and the rest. Pure. */

export interface JsonToken {
  readonly text: string;
  readonly kind: 'key' | 'string' | 'number' | null;
}

export function tokensOf(json: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let at = 0;
  for (const match of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?|\b(?:true|false|null)\b/g)) {
    if (match.index > at) tokens.push({ text: json.slice(at, match.index), kind: null });
    const text = match[1] ?? match[0];
    tokens.push({ text, kind: match[2] !== undefined ? 'key' : match[1] !== undefined ? 'string' : 'number' });
    at = match.index + text.length;
  }
  if (at < json.length) tokens.push({ text: json.slice(at), kind: null });
  return tokens;
}
