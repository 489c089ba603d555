import { describe, expect, test } from 'vitest';
import {
  CONTENT_SECURITY_POLICY,
  isAllowedPermission,
  isOwnPage,
  isOwnSender,
  isPopOut,
  isWebAddress,
  requestedFile,
} from './guard.ts';

const FOREIGN = [
  'https://example.org/',
  'file:///etc/passwd',
  'app://guesthouse.example/',
  'app://guesthouse:1234/',
  'app://user@guesthouse/',
  'app://other/index.html',
  'application://guesthouse/',
  'javascript:alert(1)',
  'data:text/html,hello',
  'about:blank',
  '',
  'not a url',
];

describe('own pages', () => {
  test.each(['app://guesthouse/', 'app://guesthouse/index.html#guests/1', 'app://guesthouse/?x=1'])(
    '%s is ours',
    (url) => {
      expect(isOwnPage(url)).toBe(true);
    },
  );
  test.each(FOREIGN)('%j is not', (url) => expect(isOwnPage(url)).toBe(false));
});

test('a console in a window of its own is a page of ours, and no other page is one', () => {
  expect(isPopOut('app://guesthouse/index.html#/console/ab12/main')).toBe(true);
  expect(isPopOut('app://guesthouse/index.html#/guests')).toBe(false);
  expect(isPopOut('https://example.org/#/console/ab12/main')).toBe(false);
});

describe('requested files', () => {
  test('a name as in the list, without query and fragment', () => {
    expect(requestedFile('app://guesthouse/assets/a%20b.js?v=1#x')).toBe('/assets/a b.js');
    expect(requestedFile('app://guesthouse/')).toBe('/');
  });
  test.each([
    'app://guesthouse/..%2f..%2fetc/passwd',
    'app://guesthouse/assets/%2e%2e%2f%2e%2e%2fmain.js',
    'app://guesthouse/a%00.js',
    'app://guesthouse/%E0%A4%A',
    ...FOREIGN,
  ])('%j is refused', (url) => expect(requestedFile(url)).toBeNull());
  test('dots resolve before they are looked up', () => {
    expect(requestedFile('app://guesthouse/../../etc/passwd')).toBe('/etc/passwd');
  });
});

test('only the top frame of an own page may ask for the engine', () => {
  expect(isOwnSender({ url: 'app://guesthouse/index.html', parent: null })).toBe(true);
  expect(isOwnSender({ url: 'app://guesthouse/index.html', parent: {} })).toBe(false);
  expect(isOwnSender({ url: 'https://example.org/', parent: null })).toBe(false);
  expect(isOwnSender(null)).toBe(false);
});

test('links leave for the browser as web addresses only', () => {
  expect(isWebAddress('https://example.org/')).toBe(true);
  for (const url of ['file:///etc/passwd', 'smb://host/x', 'vscode://x', 'javascript:alert(1)', ''])
    expect(isWebAddress(url)).toBe(false);
});

test('permissions are refused unless listed, and to anybody else', () => {
  for (const name of ['clipboard-read', 'notifications'])
    expect(isAllowedPermission(name, 'app://guesthouse/')).toBe(true);
  expect(isAllowedPermission('clipboard-read', 'https://example.org/')).toBe(false);
  for (const name of ['media', 'geolocation', 'openExternal', 'usb', 'hid']) {
    expect(isAllowedPermission(name, 'app://guesthouse/')).toBe(false);
  }
});

test('the policy lets in no script, frame or object from elsewhere', () => {
  expect(CONTENT_SECURITY_POLICY).toContain("default-src 'self'");
  expect(CONTENT_SECURITY_POLICY).toContain("frame-src 'none'");
  expect(CONTENT_SECURITY_POLICY).toContain("object-src 'none'");
  expect(CONTENT_SECURITY_POLICY).not.toMatch(/script-src[^;]*unsafe|\*|https?:/);
});
