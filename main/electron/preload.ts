/**
 * The only script that runs beside the page. It gives the page one MessagePort to the engine when the page asks; no
 * function and no object of Electron crosses. See renderer/bridge/port.ts for the page's side.
 */
import { ipcRenderer } from 'electron';

window.addEventListener('message', (event: MessageEvent) => {
  // A message from another window or frame is not the page's own request.
  if (event.source !== window || event.data?.type !== 'guesthouse:connect') return;
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage('guesthouse:connect', null, [port1]);
  window.postMessage({ type: 'guesthouse:port' }, location.origin === 'null' ? '*' : location.origin, [port2]);
});
