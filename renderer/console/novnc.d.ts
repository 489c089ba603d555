/** The part of noVNC 1.7's `core/rfb.js` that is used here; its published types describe an older layout. */
declare module '@novnc/novnc' {
  /** What a connection is made over: a WebSocket, or anything that looks like one. */
  export interface RawChannel {
    binaryType: string;
    readonly protocol: string;
    readonly readyState: string;
    onopen: (() => void) | null;
    onmessage: ((event: { data: ArrayBuffer }) => void) | null;
    onclose: ((event: { code?: number; reason?: string }) => void) | null;
    onerror: ((event: unknown) => void) | null;
    /** The bytes are only lent: noVNC writes the next message into the same memory. */
    send(bytes: Uint8Array): void;
    close(): void;
  }

  export interface RfbOptions {
    shared?: boolean;
    credentials?: { username?: string; password?: string; target?: string };
  }

  interface RfbEvents {
    connect: CustomEvent<Record<string, never>>;
    /** `clean`: asked for here, or the far side said goodbye in order. */
    disconnect: CustomEvent<{ clean: boolean }>;
    securityfailure: CustomEvent<{ status: number; reason?: string }>;
    credentialsrequired: CustomEvent<{ types: string[] }>;
    desktopname: CustomEvent<{ name: string }>;
    /** The guest's clipboard changed. */
    clipboard: CustomEvent<{ text: string }>;
    bell: CustomEvent<Record<string, never>>;
  }

  export default class RFB {
    /** Appends its canvas to `target` and begins at once. */
    constructor(target: HTMLElement, channel: RawChannel | string, options?: RfbOptions);
    /** Shows the whole screen in the room there is. */
    scaleViewport: boolean;
    /** Cuts instead of scrolling. */
    clipViewport: boolean;
    /** Asks the guest to take the size of the room. */
    resizeSession: boolean;
    viewOnly: boolean;
    focusOnClick: boolean;
    showDotCursor: boolean;
    /** Any CSS background. */
    background: string;
    /** 0 to 9. */
    qualityLevel: number;
    compressionLevel: number;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    /** Without `down`: pressed and released. `code` is `KeyboardEvent.code`; a keysym of 0 sends the scan code alone. */
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    sendCtrlAltDel(): void;
    clipboardPasteFrom(text: string): void;
    toBlob(callback: (blob: Blob | null) => void, type?: string, quality?: number): void;
    addEventListener<K extends keyof RfbEvents>(type: K, listener: (event: RfbEvents[K]) => void): void;
  }
}
