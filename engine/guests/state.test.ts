import { describe, expect, test } from 'vitest';
import type { GuestState } from '../contract/guest.ts';
import { allows, assertAllowed, type GuestVerb } from './state.ts';

const STATES: GuestState[] = ['creating', 'stopped', 'starting', 'running', 'paused', 'stopping', 'deleting', 'failed'];
const allowedIn = (verb: GuestVerb) => STATES.filter((state) => allows(verb, state));

describe('the state table', () => {
  test.each<[GuestVerb, GuestState[]]>([
    ['start', ['stopped', 'failed']],
    ['stop', ['running', 'paused']],
    ['kill', ['starting', 'running', 'paused', 'stopping']],
    ['restart', ['stopped', 'running', 'paused', 'failed']],
    ['pause', ['running']],
    ['resume', ['paused']],
    ['remove', ['stopped', 'failed']],
    ['exec', ['running']],
    ['see', ['running', 'paused']],
    ['type', ['running']],
  ])('%s is possible in %j', (verb, states) => {
    expect(allowedIn(verb)).toEqual(states);
  });

  test('nothing is possible while a guest is being made or removed', () => {
    const verbs: GuestVerb[] = ['start', 'stop', 'kill', 'restart', 'pause', 'resume', 'remove', 'exec'];
    for (const verb of verbs) {
      expect(allows(verb, 'creating')).toBe(false);
      expect(allows(verb, 'deleting')).toBe(false);
    }
  });

  test('a refusal says what to do instead', () => {
    expect(() => assertAllowed('start', { name: 'web', state: 'paused' })).toThrowError(
      expect.objectContaining({ code: 'wrong-state', subject: 'web', hint: 'It is paused: resume it instead.' }),
    );
  });

  test('and says in words what was wanted', () => {
    const message = /^Cannot show the screen of web while it is failed\.$/;
    expect(() => assertAllowed('see', { name: 'web', state: 'failed' })).toThrowError(message);
  });
});
