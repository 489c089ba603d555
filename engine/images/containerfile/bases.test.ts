import { expect, test } from 'vitest';
import { baseImages } from './bases.ts';

test('the images a Containerfile needs are found, its own stages are not among them', () => {
  const text = `# syntax=docker/dockerfile:1
ARG VERSION=12
ARG BASE="debian:\${VERSION}"
FROM --platform=linux/amd64 $BASE AS build
ARG VERSION=99
RUN --mount=type=cache,target=/x --mount=type=bind,from=tools:1,target=/t \\
    make FROM nothing
# FROM commented

from scratch
COPY --from=build /a /a
COPY --chown=1:1 --from=busybox /bin/busybox /b
COPY --from=0 /c /c
COPY a --from=not-an-option /d
FROM Build AS again
FROM 'quoted'
FROM \${MISSING:-otherwise}\${MISSING:+never}
`;
  expect([...baseImages(text).keys()]).toEqual(['debian:12', 'tools:1', 'busybox', 'quoted', 'otherwise']);
  expect([...(baseImages(text).get('debian:12') ?? [])]).toEqual(['$BASE', 'debian:12']);
  expect([...baseImages(text, { VERSION: '13' }).keys()][0]).toBe('debian:13');
  expect([...baseImages(text, { BASE: 'other' }).keys()][0]).toBe('other');
});

test('what is no Containerfile has none', () => {
  for (const text of ['', '#\n', '\\\n\\\n', 'FROM', 'FROM scratch', 'FROM $NOTHING', '\0\u{1f600}']) {
    expect(baseImages(text).size).toBe(0);
  }
});
