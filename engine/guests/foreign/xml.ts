/**
 * Descriptions of machines in XML, read with suspicion: no document type, so no entities of the file's own, bounded in
 * size and depth. Names come without their prefix, because every program chooses its own.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { GuesthouseError } from '../../contract/errors.ts';

export interface XmlNode {
  /** Without its prefix: `Item`, not `ovf:Item`. */
  readonly name: string;
  /** By name without prefix. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Of its own, without that of its children; trimmed. */
  readonly text: string;
}

/** A machine with a hundred disks takes some 200 KiB. */
const MAX_XML_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_NODES = 100_000;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** `what`: `OVF description`. Throws `bad-data`. */
export function parseXml(bytes: Uint8Array, what: string): XmlNode {
  if (bytes.length > MAX_XML_BYTES) throw unreadable(what, 'it is too large');
  const text = decode(bytes);
  // Only there can entities be made; nobody who writes such files needs one.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw unreadable(what, 'it has a document type, which none needs');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw unreadable(what, `${valid.err.msg} (line ${valid.err.line})`.slice(0, 200));
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    processEntities: false,
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    removeNSPrefix: true,
  });
  let raw: unknown;
  try {
    raw = parser.parse(text);
  } catch (error) {
    throw unreadable(what, String((error as Error).message).slice(0, 200));
  }
  const counter = { nodes: 0 };
  const roots = nodesOf(raw, 0, counter, what).children;
  const [root] = roots;
  if (roots.length !== 1 || root === undefined) throw unreadable(what, 'it has no single root');
  return root;
}

/** Children of that name. */
export function all(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  return node?.children.filter((child) => child.name === name) ?? [];
}

/** The first along a path of names. */
export function first(node: XmlNode | undefined, ...path: readonly string[]): XmlNode | undefined {
  return path.reduce<XmlNode | undefined>((at, name) => all(at, name)[0], node);
}

/** Every node of that name at any depth. */
export function anywhere(node: XmlNode, name: string): XmlNode[] {
  return node.children.flatMap((child) => [...(child.name === name ? [child] : []), ...anywhere(child, name)]);
}

function nodesOf(raw: unknown, depth: number, counter: { nodes: number }, what: string) {
  if (depth > MAX_DEPTH) throw unreadable(what, 'it is nested too deeply');
  const children: XmlNode[] = [];
  let text = '';
  for (const one of Array.isArray(raw) ? (raw as Record<string, unknown>[]) : []) {
    for (const [name, value] of Object.entries(one)) {
      if (name === ':@') continue;
      if (name === '#text') {
        text += plainText(String(value));
        continue;
      }
      if (++counter.nodes > MAX_NODES) throw unreadable(what, 'it has too many parts');
      const given = (one[':@'] ?? {}) as Record<string, unknown>;
      const attributes: Record<string, string> = Object.create(null);
      for (const [key, said] of Object.entries(given)) attributes[key] = plainText(String(said));
      const inner = nodesOf(value, depth + 1, counter, what);
      children.push({ name, attributes, children: inner.children, text: inner.text.trim() });
    }
  }
  return { children, text };
}

/** The five names every reader knows, and numbers. */
function plainText(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[name.toLowerCase()] as string;
    const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code <= 0x10ffff && code > 0 ? String.fromCodePoint(code) : whole;
  });
}

/** UTF-8, or UTF-16 as its first bytes say. */
function decode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.toString('utf16le').replace(/^\ufeff/, '');
  return buffer.toString('utf8').replace(/^\ufeff/, '');
}

function unreadable(what: string, why: string): GuesthouseError {
  return new GuesthouseError({
    code: 'bad-data',
    message: `The ${what} cannot be read: ${why}.`,
    hint: 'The file is damaged, or made to do harm. Export the machine again.',
  });
}
