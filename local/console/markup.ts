const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Controls and text-direction overrides would hide what a name really is, so they are shown as their code points. */
const UNSEEN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

const codePoint = (character: string): string =>
  /[\t\n\r]/.test(character) ? character : `\u27e8U+${character.codePointAt(0)!.toString(16).padStart(4, '0')}\u27e9`;

const escaped = (text: string): string =>
  text.replaceAll(UNSEEN, codePoint).replaceAll(/[&<>"']/g, (character) => ESCAPES.get(character)!);

/** HTML or SVG that is safe to write; only {@link markup} makes it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: everything but markup is escaped; `undefined` and `false` are nothing. */
export type Part = Markup | string | number | undefined | false | readonly Part[];

/** Tag of a template: ``markup`<b>${name}</b>` ``. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(strings.reduce((whole, piece, index) => whole + write(parts[index - 1]) + piece));

function write(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  return Array.isArray(part) ? part.map(write).join('') : escaped(String(part));
}
