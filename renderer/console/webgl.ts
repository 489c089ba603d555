/** The GPU's renderer of the terminal, where there is a GPU: drawn in software it is slower than the page's own. */
import type { Terminal } from '@xterm/xterm';

let worth: boolean | null = null;

function isWorthIt(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  if (!context) return false;
  const info = context.getExtension('WEBGL_debug_renderer_info');
  const name = String(context.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|software|softpipe|basic render/i.test(name);
}

/** Resolves with what takes it off again, or null where it is of no use. The browser allows 16 at a time. */
export async function useWebgl(terminal: Terminal, onLost: () => void): Promise<(() => void) | null> {
  worth ??= isWorthIt();
  if (!worth) return null;
  const { WebglAddon } = await import('@xterm/addon-webgl');
  const addon = new WebglAddon();
  let on = true;
  const off = () => {
    if (!on) return;
    on = false;
    addon.dispose();
  };
  addon.onContextLoss(() => {
    off();
    onLost();
  });
  try {
    terminal.loadAddon(addon);
  } catch {
    off();
    return null;
  }
  return off;
}
