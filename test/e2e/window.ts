/** Specs of the window: one group runs in every shell there is, and fails on whatever a page reports as an error. */
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { House, type Options, SHELLS, type Shell, WAIT_MS } from './house.ts';

/** A group of specs in every shell there is, with one house for all of them. */
export function describeWindow(
  title: string,
  specs: (house: () => House) => void,
  options: Options & {
    /** Runs before the window opens. */
    readonly prepare?: (house: House) => Promise<void>;
    /** Needs a server, or a second window. */
    readonly browserOnly?: boolean;
    /** Each spec goes on where the one before it ended. */
    readonly steps?: boolean;
  } = {},
): void {
  const shells = SHELLS.filter((shell) => shell === 'chromium' || !options.browserOnly);
  describe.skipIf(shells.length === 0).each(shells.length > 0 ? shells : ['no browser' as Shell])(
    `${title}, in %s`,
    (shell) => {
      let house: House;
      beforeAll(async () => {
        house = new House(shell);
        await options.prepare?.(house);
        await house.begin(options);
      });
      let broken = false;
      beforeEach((context) => {
        if (broken && options.steps) context.skip('a step before it failed');
      });
      afterEach(async ({ task }) => {
        if (task.result?.state === 'fail') {
          broken = true;
          await house.keepPicture(task.name);
        }
        expect(house.troubles(), 'errors of the page').toEqual([]);
      });
      afterAll(() => house?.end());
      specs(() => house);
    },
  );
}

export const withBusybox = async (house: House): Promise<void> => {
  await house.home.ok(['image', 'build', 'busybox']);
};

/** The same with the server there from the start: a command that finds an engine takes a third of the time. */
export const servedWithBusybox = async (house: House): Promise<void> => {
  if (house.shell === 'chromium') await house.serve();
  await withBusybox(house);
};

export const seen = (locator: Locator): Promise<void> => locator.waitFor({ state: 'visible', timeout: WAIT_MS });
/** Presses `target`, lets `change` move it away from under the hand, and only then releases. */
export async function clickDuring(page: Page, target: Locator, change: () => Promise<unknown>): Promise<void> {
  const top = async () => (await target.boundingBox())?.y;
  await target.hover();
  await page.mouse.down();
  const before = await top();
  await change();
  await expect.poll(top).not.toBe(before);
  await page.mouse.up();
}

export const gone = (locator: Locator): Promise<void> => locator.waitFor({ state: 'hidden', timeout: WAIT_MS });

/** Files as a file manager hands them over: names and what is in them. */
export type Dropped = readonly (readonly [name: string, bytes: Buffer])[];

/** As a file manager would: files held over `target`, which says what becomes of them, then let go. */
export async function dropAll(page: Page, target: string, all: Dropped, said: string): Promise<void> {
  const files = await page.evaluateHandle(
    (all) => {
      const data = new DataTransfer();
      for (const [name, text] of all)
        data.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
      return data;
    },
    all.map(([name, bytes]) => [name, bytes.toString('base64')] as const),
  );
  await page.dispatchEvent(target, 'dragover', { dataTransfer: files });
  await seen(page.getByText(said));
  await page.dispatchEvent(target, 'drop', { dataTransfer: files });
  await gone(page.getByText(said));
}

export const drop = (page: Page, target: string, name: string, bytes: Buffer, said: string): Promise<void> =>
  dropAll(page, target, [[name, bytes]], said);

/** Notices on the desktop are allowed from now on and kept instead of shown. Answers what tells of them, in order. */
export async function hearNotices(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const told: string[] = [];
    class Notice {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(text: string) {
        told.push(text);
      }
      close() {}
    }
    Object.assign(window, { Notification: Notice, told });
  });
  return () => page.evaluate(() => (window as unknown as { told: string[] }).told);
}
