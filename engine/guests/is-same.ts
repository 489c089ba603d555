/** Values as JSON has them; the order of keys is that of the contract's schema. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
