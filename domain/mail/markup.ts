import { visibleText } from './visible-text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text as HTML shows it, in content and in quoted attributes. Invisible and bidirectional characters are removed. */
export const escapeHtml = (text: string): string =>
  visibleText(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character]!);

/** HTML that was made by `html`, so everything that came from outside is escaped in it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type MarkupPart = string | number | Markup | undefined | false | readonly MarkupPart[];

/** A template whose values are escaped unless they are Markup; lists are joined, undefined and false are nothing. */
export const html = (strings: TemplateStringsArray, ...values: readonly MarkupPart[]): Markup =>
  new Markup(strings.reduce((text, part, i) => text + part + (i < values.length ? rendered(values[i]) : ''), ''));

function rendered(value: MarkupPart): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(rendered).join('');
  return escapeHtml(String(value));
}

/** An http(s) address for `href`; anything else, `javascript:` above all, is refused. */
export function linkTarget(url: string): string {
  const { protocol } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new RangeError(`expected an http(s) address, got ${protocol}`);
  return url;
}
