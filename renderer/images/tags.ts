/** What is offered while a reference is typed: its repository, and the tags that begin as the typed one. Pure. */

/** As many as are looked through. */
const MOST = 30;

/**
 * `registry:5000/team/web:1.` is of `registry:5000/team/web` and begins with `1.`; null: no tag is being typed. What may
 * yet become a host with a port is none either: its name is nobody else's business.
 */
export function typedTag(text: string): { readonly repository: string; readonly begun: string } | null {
  const match = /^([^\s@]*[^\s@/:]):([^/:@\s]*)$/.exec(text.trim());
  const [, repository = '', begun = ''] = match ?? [];
  const mayBeHost = !repository.includes('/') && (repository.includes('.') || repository === 'localhost');
  return repository === '' || mayBeHost ? null : { repository, begun };
}

/** Whole references; newer versions first, `latest` before all. */
export function offered(text: string, tags: readonly string[]): string[] {
  const typed = typedTag(text);
  if (!typed) return [];
  const newest = new Intl.Collator('en', { numeric: true });
  return tags
    .filter((tag) => tag.startsWith(typed.begun))
    .sort((a, b) => Number(b === 'latest') - Number(a === 'latest') || newest.compare(b, a))
    .slice(0, MOST)
    .map((tag) => `${typed.repository}:${tag}`);
}
