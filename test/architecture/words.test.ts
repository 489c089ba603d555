/** Every word a person reads comes from a message file: components hold none. */
import { parse } from 'svelte/compiler';
import { beforeEach, describe, expect, test } from 'vitest';
import { ownSources } from './sources.ts';

/** Attributes that are read to or by a person. */
const READ =
  /^(title|placeholder|alt|label|hint|text|word|unit|heading|aria-(label|description|valuetext|roledescription|placeholder))$/;
/** The same in every language: symbols, names of protocols, examples of what a machine reads. */
const SAME =
  /^[^\p{L}]*$|^(px|s|TCP|UDP|MiB\/s|#cloud-config|NET_ADMIN|ALL|-device edu|\/dev\/fuse|\/run:size=64m|nofile=1024:4096|ssh-ed25519 AAAA… name|wget -qO- localhost:8080\/healthz)$/u;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const nodes = (...many: unknown[]): Node[] =>
  many.flat().filter((it): it is Node => typeof it === 'object' && it !== null && 'type' in it);

/** The texts an expression can come to. What it compares, looks up or calls with is none. */
function textsOf(expression: Node): Node[] {
  switch (expression.type) {
    case 'Literal':
    case 'TemplateElement':
      return [expression];
    case 'TemplateLiteral':
      return nodes(expression.quasis, expression.expressions).flatMap(textsOf);
    case 'ConditionalExpression':
      return nodes(expression.consequent, expression.alternate).flatMap(textsOf);
    case 'LogicalExpression':
      return nodes(expression.left, expression.right).flatMap(textsOf);
    case 'BinaryExpression':
      return expression.operator === '+' ? nodes(expression.left, expression.right).flatMap(textsOf) : [];
    case 'ExpressionTag':
      return nodes(expression.expression).flatMap(textsOf);
    case 'Text':
      return [expression];
    default:
      return [];
  }
}

/** All that is shown or read aloud within a part of the markup. */
function shownIn(node: Node): Node[] {
  const attributes = nodes(node.attributes).filter(({ type, name }) => type === 'Attribute' && READ.test(String(name)));
  return [
    ...textsOf(node),
    ...attributes.flatMap(({ value }) => nodes(value).flatMap(textsOf)),
    ...nodes(node.nodes, node.fragment, node.consequent, node.alternate, node.body, node.fallback).flatMap(shownIn),
  ];
}

/** Words that stand in a component, each with its line: `12: Delete`. */
function wordsIn(source: string): string[] {
  const { fragment } = parse(source, { modern: true });
  return shownIn(fragment as unknown as Node).flatMap(({ type, start, data, value }) => {
    const raw = type === 'Text' ? data : type === 'TemplateElement' ? (value as { raw: string }).raw : value;
    const text = String(raw ?? '').trim();
    return SAME.test(text) ? [] : [`${source.slice(0, start).split('\n').length}: ${text}`];
  });
}

describe('words in components', () => {
  const sources = ownSources();
  beforeEach(({ skip }) => {
    if (sources === null) skip('this folder is no git checkout');
  });

  test('are found where there are any', () => {
    const source = [
      '<script>let open = $state(false);</script>',
      '<p title="A title">Text {open ? "on" : `off now`}</p>',
      '<input placeholder="Name" class="field big" aria-label={"Label " + open} type="text" />',
      '<Part label="One" kind="two">{open === "three" ? m.four : ""} · 5</Part>',
    ].join('\n');
    expect(wordsIn(source).sort()).toEqual([
      '2: A title',
      '2: Text',
      '2: off now',
      '2: on',
      '3: Label',
      '3: Name',
      '4: One',
    ]);
  });

  test('are none', () => {
    const found = (sources ?? [])
      .filter(({ path }) => path.startsWith('renderer/') && path.endsWith('.svelte'))
      .flatMap(({ path, text }) => wordsIn(text).map((word) => `${path}:${word}`));
    expect(found, 'these belong in renderer/messages').toEqual([]);
  });

  test('nor does another file write numbers and dates', () => {
    const found = (sources ?? [])
      .filter(({ path }) => /^renderer\/.*\.(ts|svelte)$/.test(path) && !/^renderer\/messages\/|\.test\.ts$/.test(path))
      .filter(({ text }) => /\bIntl\.(Number|DateTime|List)|\.toLocale\w*String\(/.test(text));
    expect(
      found.map(({ path }) => path),
      'renderer/messages/format.ts writes as the language does',
    ).toEqual([]);
  });
});
