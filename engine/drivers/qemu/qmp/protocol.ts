/**
 * QMP, QEMU's machine protocol (docs/interop/qmp-spec.txt): one JSON object per line in both directions. The monitor
 * greets, answers carry the id of their command, events carry none.
 */

export type QmpMessage =
  | { readonly kind: 'greeting'; readonly version: string }
  | { readonly kind: 'return'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number | null; readonly reason: string }
  | { readonly kind: 'event'; readonly name: string; readonly data: Record<string, unknown> }
  | { readonly kind: 'garbage'; readonly text: string };

/** A line longer than this is not an answer to anything we ask (bytes). */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Cuts a byte stream into messages, however it arrives. */
export class QmpParser {
  #chunks: Buffer[] = [];
  #length = 0;

  push(bytes: Buffer): QmpMessage[] {
    const messages: QmpMessage[] = [];
    let rest = bytes;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#chunks.push(rest.subarray(0, end));
      const line = Buffer.concat(this.#chunks).toString('utf8').trim();
      this.#chunks = [];
      this.#length = 0;
      rest = rest.subarray(end + 1);
      if (line !== '') messages.push(parseLine(line));
    }
    this.#length += rest.length;
    if (this.#length > MAX_LINE_BYTES) {
      this.#chunks = [];
      this.#length = 0;
      messages.push({ kind: 'garbage', text: 'an endless line' });
    } else if (rest.length > 0) this.#chunks.push(rest);
    return messages;
  }
}

function parseLine(line: string): QmpMessage {
  const garbage: QmpMessage = { kind: 'garbage', text: line.slice(0, 200) };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return garbage;
  }
  if (!isObject(value)) return garbage;
  const id = typeof value.id === 'number' ? value.id : null;
  if (isObject(value.QMP)) return { kind: 'greeting', version: versionText(value.QMP.version) };
  if (typeof value.event === 'string')
    return { kind: 'event', name: value.event, data: isObject(value.data) ? value.data : {} };
  if (isObject(value.error)) return { kind: 'error', id, reason: String(value.error.desc ?? value.error.class ?? '') };
  if ('return' in value && id !== null) return { kind: 'return', id, value: value.return };
  return garbage;
}

function versionText(version: unknown): string {
  const qemu = isObject(version) && isObject(version.qemu) ? version.qemu : {};
  return [qemu.major, qemu.minor, qemu.micro].filter((part) => typeof part === 'number').join('.');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
