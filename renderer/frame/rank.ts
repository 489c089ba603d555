/** Finds and orders commands for what was typed. Pure. */
import type { Command } from '../state/command.ts';

/** More are never read; fewer are drawn faster. */
export const MOST_SHOWN = 20;

/**
 * Every word of the query must begin a word of the command or stand within it. Beginnings count more than insides,
 * the title more than its further words, and what can be done now more than what cannot.
 */
export function rank(commands: readonly Command[], query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const scored: { command: Command; score: number }[] = [];
  for (const command of commands) {
    const score = scoreOf(command, words);
    if (score > 0) scored.push({ command, score });
  }
  scored.sort((a, b) => b.score - a.score);
  return scored.slice(0, MOST_SHOWN).map(({ command }) => command);
}

function scoreOf(command: Command, words: readonly string[]): number {
  const title = command.title.toLowerCase();
  const further = command.words.toLowerCase();
  let score = command.why === null ? 2 : 1;
  for (const word of words) {
    const at = title.indexOf(word);
    if (at === 0) score += 8;
    else if (at > 0 && /[\s:._-]/.test(title[at - 1] ?? '')) score += 6;
    else if (at > 0) score += 3;
    else if (further.includes(word)) score += 1;
    else return 0;
  }
  return score;
}

/** The title cut into parts, those that match the query marked. */
export function marked(title: string, query: string): { text: string; hit: boolean }[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = new Array<boolean>(title.length).fill(false);
  for (const word of words) {
    const at = title.toLowerCase().indexOf(word);
    if (at >= 0) hits.fill(true, at, at + word.length);
  }
  const parts: { text: string; hit: boolean }[] = [];
  for (let i = 0; i < title.length; i++) {
    const last = parts.at(-1);
    if (last && last.hit === hits[i]) last.text += title[i];
    else parts.push({ text: title[i] as string, hit: hits[i] === true });
  }
  return parts;
}
