/** A machine's screen: noVNC over the engine's display stream, and how things stand with it. */
import type RFB from '@novnc/novnc';
import { type ErrorShape, GuesthouseError, type KeyboardLayout, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';
import { DisplayChannel } from './channel.ts';
import { type Chord, HELD, KEYSYM, keystrokesOf } from './keystrokes.ts';
import { m } from './messages.ts';

/** How a screen is shown: shrunk to fit, pixel by pixel, or the guest asked to make its screen as large as the pane. */
export type Scale = 'fit' | 'actual' | 'resize';

/** Between two typed characters (ms). A keyboard controller holds sixteen bytes, and an emulated processor may be late. */
const KEY_PACE_MS = 40;
/** A guest's clipboard is cut to this (characters). */
const MOST_OFFERED = 1_000_000;

export class GuestScreen {
  phase = $state<'opening' | 'live' | 'lost' | 'off'>('opening');
  error = $state.raw<ErrorShape | null>(null);
  /** Size in the guest's own pixels, and the share it is shown at. */
  size = $state.raw<{ width: number; height: number; percent: number } | null>(null);
  /** Characters of a pasted text that are still to be typed. */
  typing = $state(0);
  held = $state.raw<ReadonlySet<string>>(new Set());
  /** What was copied in the guest last; null: nothing that was told. It goes nowhere before somebody takes it. */
  offered = $state.raw<string | null>(null);
  readonly #guest: string;
  readonly #host: HTMLElement;
  #rfb: RFB | null = null;
  #turn = 0;
  #scale: Scale;

  constructor(guest: string, host: HTMLElement, scale: Scale) {
    this.#guest = guest;
    this.#host = host;
    this.#scale = scale;
  }

  async open(): Promise<void> {
    const turn = ++this.#turn;
    this.#drop();
    this.phase = 'opening';
    this.error = null;
    try {
      const { default: Rfb } = await import('@novnc/novnc');
      const channel = await DisplayChannel.open(
        (kind, args, handlers) => engine.open(kind, args, handlers),
        this.#guest,
        (thrown) => turn === this.#turn && this.#ended(thrown),
      );
      if (turn !== this.#turn) return channel.close();
      const rfb = new Rfb(this.#host, channel, { shared: true });
      this.#rfb = rfb;
      rfb.background = 'var(--display-bg)';
      this.#applyScale();
      rfb.focusOnClick = true;
      rfb.addEventListener('connect', () => {
        if (turn !== this.#turn) return;
        this.phase = 'live';
        this.measure();
      });
      rfb.addEventListener('clipboard', ({ detail }) => {
        if (turn === this.#turn) this.offered = detail.text === '' ? null : detail.text.slice(0, MOST_OFFERED);
      });
      rfb.addEventListener('disconnect', ({ detail }) => {
        if (turn !== this.#turn) return;
        this.#rfb = null;
        if (this.phase === 'opening' || this.phase === 'live') {
          this.#off({ code: 'bad-data', message: m.disconnected, ...(detail.clean ? {} : { cause: m.notVnc }) });
        }
      });
      rfb.addEventListener('securityfailure', ({ detail }) => {
        if (turn === this.#turn)
          this.#off({ code: 'denied', message: m.disconnected, cause: detail.reason ?? m.notVnc });
      });
      channel.flush();
    } catch (thrown) {
      if (turn === this.#turn) this.#ended(thrown);
    }
  }

  close(): void {
    this.#turn += 1;
    this.#drop();
  }

  setScale(scale: Scale): void {
    this.#scale = scale;
    this.#applyScale();
    this.measure();
  }

  focus(): void {
    this.#rfb?.focus({ preventScroll: true });
  }

  /** Reads the size off the canvas; the guest may change it at any time. */
  measure(): void {
    requestAnimationFrame(() => {
      const canvas = this.#host.querySelector('canvas');
      if (!canvas || canvas.width === 0 || this.phase !== 'live') return;
      const percent = Math.round((canvas.getBoundingClientRect().width / canvas.width) * 100);
      this.size = { width: canvas.width, height: canvas.height, percent };
    });
  }

  press({ keys }: Chord): void {
    for (const { keysym, code } of keys) this.#rfb?.sendKey(keysym, code, true);
    for (const { keysym, code } of [...keys].reverse()) this.#rfb?.sendKey(keysym, code, false);
    this.focus();
  }

  ctrlAltDel(): void {
    this.#rfb?.sendCtrlAltDel();
    this.focus();
  }

  toggleHeld(label: string): void {
    const key = HELD.find((candidate) => candidate.label === label);
    if (!key) return;
    const held = new Set(this.held);
    const down = !held.delete(label);
    if (down) held.add(label);
    this.held = held;
    this.#rfb?.sendKey(key.keysym, key.code, down);
    this.focus();
  }

  /** Nothing is typed of what cannot be typed whole: answers the characters that have no key. */
  async type(text: string, layout: KeyboardLayout): Promise<readonly string[]> {
    const { strokes, missing } = keystrokesOf(text, layout);
    if (missing.length > 0) return missing;
    const turn = this.#turn;
    this.typing = strokes.length;
    for (const { keysym, code, shift, altGr } of strokes) {
      if (turn !== this.#turn || this.phase !== 'live' || this.typing === 0) break;
      if (shift) this.#rfb?.sendKey(KEYSYM.ShiftL, 'ShiftLeft', true);
      if (altGr) this.#rfb?.sendKey(KEYSYM.AltGr, 'AltRight', true);
      this.#rfb?.sendKey(keysym, code);
      if (altGr) this.#rfb?.sendKey(KEYSYM.AltGr, 'AltRight', false);
      if (shift) this.#rfb?.sendKey(KEYSYM.ShiftL, 'ShiftLeft', false);
      this.typing -= 1;
      await new Promise((done) => setTimeout(done, KEY_PACE_MS));
    }
    this.typing = 0;
    this.focus();
    return [];
  }

  /** Makes the text the guest's clipboard, as far as its agent takes it. */
  give(text: string): void {
    this.#rfb?.clipboardPasteFrom(text);
    this.focus();
  }

  picture(): Promise<Blob | null> {
    return new Promise((resolve) => (this.#rfb ? this.#rfb.toBlob(resolve, 'image/png') : resolve(null)));
  }

  #applyScale(): void {
    if (!this.#rfb) return;
    // A guest that cannot change its screen, or not to this size, is at least shown whole.
    this.#rfb.scaleViewport = this.#scale !== 'actual';
    this.#rfb.resizeSession = this.#scale === 'resize';
  }

  #ended(thrown: unknown): void {
    if (thrown instanceof GuesthouseError && thrown.code === 'disconnected') {
      this.phase = 'lost';
      this.#rfb = null;
      this.#host.replaceChildren();
    } else this.#off(thrown === null ? { code: 'guest-failed', message: m.disconnected } : toErrorShape(thrown));
  }

  #off(error: ErrorShape): void {
    this.error = error;
    this.phase = 'off';
    this.size = null;
    this.held = new Set();
    this.#host.replaceChildren();
  }

  #drop(): void {
    this.#rfb?.disconnect();
    this.#rfb = null;
    this.size = null;
    this.held = new Set();
    this.offered = null;
    this.#host.replaceChildren();
  }
}
