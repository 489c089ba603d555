/** In QEMU's `key=value,…` options a comma ends the value, and two commas are one. */
export function optionValue(text: string): string {
  return text.replaceAll(',', ',,');
}
