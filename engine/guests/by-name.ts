/** The order in which guests are told: the same in every locale, and without loading one (a list is short of time). Pure. */
export function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return compare(one.name.toLowerCase(), other.name.toLowerCase()) || compare(one.name, other.name);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
