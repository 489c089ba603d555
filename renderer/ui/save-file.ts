/** Files that the window hands out: figures, logs, screenshots. */

/** Hands a file to the browser to be saved. */
export function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** `web` and a moment: `web-2026-11-05-143205`. Only what every file system takes. */
export const fileStem = (name: string, at: number): string => {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${name.replace(/[^\w.-]+/g, '_')}-${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
};
