import type { Mail } from '../ports.ts';
import { renderMailHtml } from './mail-html.ts';
import { renderMailText } from './mail-text.ts';
import { headerText, oneLine, visibleText } from './visible-text.ts';

/** A mail as its writer thinks of it: blocks in order. Every text may come from outside; it is shown, never interpreted. */
export interface MailDocument {
  readonly to: readonly string[];
  /** Made safe for a header: one line, at most 200 characters. */
  readonly subject: string;
  /** Mails of one thread share this: `release/flight-delays/14`. */
  readonly thread?: string;
  readonly tags?: Mail['tags'];
  readonly blocks: readonly MailBlock[];
  /** Small print: why the reader gets this mail. */
  readonly footer?: string;
}

export type MailBlock =
  | { readonly kind: 'heading'; readonly text: string }
  /** `lead`: what is read first; `good` and `bad` mark it in colour, besides the words. */
  | { readonly kind: 'paragraph'; readonly text: string; readonly tone?: 'lead' | 'good' | 'bad' | 'plain' | 'quiet' }
  /** `What happened   train.py line 41 …`: a label and what it is, one pair per line. */
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  /** The first column is text, the others are set flush right when every cell of theirs is a number. */
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  /** Shares before and now, side by side: bars without an image, a table in the text part. */
  | { readonly kind: 'bars'; readonly head: string; readonly bars: readonly MailBar[] }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** Lines as they are, in a fixed-width face: a log's tail, commands. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  /** What somebody wrote, in their own lines. */
  | { readonly kind: 'quote'; readonly text: string }
  /** A box that must not be overlooked. */
  | { readonly kind: 'warning'; readonly text: string }
  /** A button; its address is written out in the text part. */
  | { readonly kind: 'action'; readonly label: string; readonly url: string };

/** Two shares, 0 … 1, of one category or range. */
export interface MailBar {
  readonly of: string;
  readonly baseline: number;
  readonly current: number;
  /** What the others leave over: said in numbers only. */
  readonly rest?: true;
}

/** Mail programs clip above 102,400 bytes; what is cut there would be the last blocks, silently. */
export const MAX_PART_BYTES = 100_000;

const TEXT_CHARACTERS = 1_500;
const LABEL_CHARACTERS = 80;
const LINE_CHARACTERS = 300;
const BAR_CHARACTERS = 40;
const LIST_ITEMS = 60;
const COLUMNS = 6;
const MAX_BLOCKS = 40;

/**
 * Renders both parts. A document that is too long loses rows from the longest block first and says so.
 *
 * @throws {RangeError} more than 40 blocks
 */
export function composeMail(document: MailDocument): Mail {
  if (document.blocks.length > MAX_BLOCKS) {
    throw new RangeError(`expected at most ${MAX_BLOCKS} blocks, got ${document.blocks.length}`);
  }
  let blocks = document.blocks.map(bounded);
  const parts = () => ({
    text: renderMailText(blocks, document.footer),
    html: renderMailHtml(headerText(document.subject), blocks, document.footer),
  });
  let rendered = parts();
  while (bytes(rendered.html) >= MAX_PART_BYTES || bytes(rendered.text) >= MAX_PART_BYTES) {
    blocks = halved(blocks);
    rendered = parts();
  }
  return {
    to: document.to,
    subject: headerText(document.subject),
    ...rendered,
    ...(document.thread !== undefined && { thread: document.thread }),
    ...(document.tags && { tags: document.tags }),
  };
}

const bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

const SHORTENED = '… more than a mail can hold; the rest is in the record.';

/** Halves the block that takes most room, so that the mail's beginning and its actions stay. */
function halved(blocks: readonly MailBlock[]): MailBlock[] {
  const sizes = blocks.map((block) => (block.kind === 'action' ? 0 : JSON.stringify(block).length));
  const largest = sizes.indexOf(Math.max(...sizes));
  return blocks.map((block, i) => (i === largest ? half(block) : block));
}

function half(block: MailBlock): MailBlock {
  const first = <Item>(items: readonly Item[]): readonly Item[] => items.slice(0, Math.floor(items.length / 2));
  switch (block.kind) {
    case 'facts':
      return { ...block, rows: [...first(block.rows), ['', SHORTENED]] };
    case 'table':
      return { ...block, rows: [...first(block.rows), [SHORTENED]] };
    case 'bars':
      return { ...block, bars: first(block.bars) };
    case 'list':
      return { ...block, items: [...first(block.items), SHORTENED] };
    case 'lines':
      return { ...block, lines: [...first(block.lines), SHORTENED] };
    case 'action':
      return block;
    default:
      return { ...block, text: visibleText(block.text, Math.max(1, Math.floor(block.text.length / 2))) };
  }
}

/** The block with every text cut to what a person reads. */
function bounded(block: MailBlock): MailBlock {
  switch (block.kind) {
    case 'facts':
      return {
        ...block,
        rows: capped(block.rows, ['', SHORTENED]).map(
          ([label, value]) => [oneLine(label, LABEL_CHARACTERS), visibleText(value, TEXT_CHARACTERS)] as const,
        ),
      };
    case 'table':
      return {
        ...block,
        head: block.head.slice(0, COLUMNS).map((cell) => oneLine(cell, LABEL_CHARACTERS)),
        rows: capped(block.rows, [SHORTENED]).map((row) =>
          row.slice(0, COLUMNS).map((cell) => oneLine(cell, LABEL_CHARACTERS)),
        ),
      };
    case 'bars':
      return {
        ...block,
        head: oneLine(block.head, LABEL_CHARACTERS),
        bars: block.bars.slice(0, LIST_ITEMS).map((bar) => ({ ...bar, of: oneLine(bar.of, BAR_CHARACTERS) })),
      };
    case 'list':
      return { ...block, items: capped(block.items, SHORTENED).map((item) => visibleText(item, TEXT_CHARACTERS)) };
    case 'lines':
      return { ...block, lines: capped(block.lines, SHORTENED).map((line) => visibleText(line, LINE_CHARACTERS)) };
    case 'action':
      return { ...block, label: oneLine(block.label, LABEL_CHARACTERS) };
    default:
      return { ...block, text: visibleText(block.text, TEXT_CHARACTERS) };
  }
}

const capped = <Item>(items: readonly Item[], last: Item): readonly Item[] =>
  items.length <= LIST_ITEMS ? items : [...items.slice(0, LIST_ITEMS), last];
