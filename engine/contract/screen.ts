/** Streams of what a machine shows and plays. */

export interface ScreenStreams {
  /** A machine's screen: raw RFB (VNC) bytes. Every opening is a connection of its own. */
  display: { args: { guest: string }; control: never; opened: { guestId: string }; end: Record<string, never> };
  /** What a machine plays: samples as in sound.ts. */
  sound: {
    args: { guest: string };
    control: never;
    opened: { rate: number; channels: number };
    end: Record<string, never>;
  };
  /** A picture of a machine's screen as it is now: a PNG of `sizeBytes`. `maxWidth`: made smaller to fit (pixels). */
  screenshot: {
    args: { guest: string; maxWidth?: number };
    control: never;
    opened: { width: number; height: number; sizeBytes: number };
    end: Record<string, never>;
  };
}
