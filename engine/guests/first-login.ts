/** First login: what a wish leaves out, and its password, which is turned into a hash before anybody sees or keeps it. */
import type { FirstLogin, FirstLoginWish } from '../contract/first-login.ts';
import { sha512Crypt } from './sha512-crypt.ts';

/** Longer ones gain nothing, and cost time in every login (bytes). */
export const MAX_PASSWORD_BYTES = 256;
/** In the place of the hash of a password that cannot be one; `validate-first-login.ts` says so. */
export const UNUSABLE_PASSWORD = '!';

interface Wishes {
  readonly firstLogin?: FirstLoginWish | null;
}

/** A draft or change without a plain password: from here on only the hash is handed around. */
export function sealed<T extends Wishes>(draft: T): T {
  if (!draft.firstLogin || draft.firstLogin.password === undefined) return draft;
  const { password, ...rest } = draft.firstLogin;
  const passwordHash = isUsable(password) ? sha512Crypt(password) : UNUSABLE_PASSWORD;
  return { ...draft, firstLogin: { ...rest, passwordHash } };
}

/** All of it, known fields only. */
export function completeFirstLogin(wish: FirstLoginWish | null | undefined): FirstLogin | null {
  if (!wish) return null;
  return {
    user: wish.user || null,
    passwordHash: wish.passwordHash ?? null,
    sshKeys: (wish.sshKeys ?? []).map((key) => key.trim()).filter((key) => key !== ''),
    growDisk: wish.growDisk ?? true,
    userData: wish.userData || null,
  };
}

function isUsable(password: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these cannot be typed at a login
  return password !== '' && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES && !/[\0-\x1f\x7f]/.test(password);
}
