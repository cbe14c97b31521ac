import type { Baseline } from '../drift/baseline.ts';
import { SMOKE_TEST_PREFIX } from './capture-layout.ts';
import { Cells, UNCOMMON } from './cells.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1 for bytes that a JSON string may hold as they are. */
const TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH ? 0 : 1,
);

/** What stands around the texts of a record, as SageMaker writes it. */
const INPUT = utf8('{"captureData":{"endpointInput":{"observedContentType":"');
const INPUT_DATA = utf8('","mode":"INPUT","data":"');
const OUTPUT = utf8('","encoding":"CSV"},"endpointOutput":{"observedContentType":"');
const OUTPUT_DATA = utf8('","mode":"OUTPUT","data":"');
const METADATA = utf8('","encoding":"CSV"}},"eventMetadata":{"');
const MEMBER = utf8('":"');
const NEXT_MEMBER = utf8('","');
const VERSION = utf8('"},"eventVersion":"');
const END = utf8('"}');
const SMOKE_TEST = utf8(SMOKE_TEST_PREFIX);

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads a record of the shape that SageMaker writes for CSV in and out, from its bytes, without parsing what nobody asks for.
 *
 * It takes only what it reads exactly as JSON.parse and the reader of CSV would: the members of that shape in that order, strings
 * without escapes but row ends, as many fields as features and as many answers as rows. All else is left to them.
 */
export class RecordScanner {
  /** The features of the record that was scanned last. */
  readonly input: Cells;
  /** Its predictions, one per row, among the columns of the response. */
  readonly #output: Cells;
  readonly #scoreColumn: number;

  /** @param scoreColumn column of the response that is the prediction; the response must have no further ones to be common */
  constructor({ features }: Baseline, scoreColumn: number) {
    this.input = new Cells(features.map(({ profile }) => profile.kind === 'numeric'));
    this.#scoreColumn = scoreColumn;
    this.#output = new Cells(Array.from({ length: scoreColumn + 1 }, (_, column) => column === scoreColumn));
  }

  /**
   * @param bytes hold a line feed at or after `from`
   * @returns where the line feed stands that ends the record, whose rows `input` and `scoreOf` now give; or UNCOMMON
   */
  scan(bytes: Uint8Array, from: number): number {
    let at = after(INPUT, bytes, from);
    at = after(INPUT_DATA, bytes, textEnd(bytes, at));
    if (at !== UNCOMMON) at = this.input.read(bytes, at);
    at = after(OUTPUT, bytes, at);
    at = after(OUTPUT_DATA, bytes, textEnd(bytes, at));
    if (at !== UNCOMMON) at = this.#output.read(bytes, at);
    at = metadataEnd(bytes, after(METADATA, bytes, at));
    at = after(END, bytes, textEnd(bytes, after(VERSION, bytes, at)));
    if (at === UNCOMMON) return UNCOMMON;
    if (bytes[at] === CR) at += 1;
    return bytes[at] === LF && this.input.rows === this.#output.rows ? at : UNCOMMON;
  }

  /** The prediction of a row; NaN where the response leaves it empty. */
  scoreOf(row: number): number {
    return this.#output.numbers[row * (this.#scoreColumn + 1) + this.#scoreColumn]!;
  }
}

/** Where the literal ends that begins at `from`, or UNCOMMON. */
function after(literal: Uint8Array, bytes: Uint8Array, from: number): number {
  if (from === UNCOMMON) return UNCOMMON;
  for (let i = 0; i < literal.length; i++) if (bytes[from + i] !== literal[i]) return UNCOMMON;
  return from + literal.length;
}

/** Where a string's text ends: at its quote, if it has no escape. */
function textEnd(bytes: Uint8Array, from: number): number {
  if (from === UNCOMMON) return UNCOMMON;
  let at = from;
  while (TEXT[bytes[at]!] === 1) at += 1;
  return at;
}

/** Past `name":"text","name":"text` up to the last quote; UNCOMMON in a smoke test's record, which is to be counted apart. */
function metadataEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at !== UNCOMMON) {
    at = after(MEMBER, bytes, textEnd(bytes, at));
    if (at === UNCOMMON || after(SMOKE_TEST, bytes, at) !== UNCOMMON) return UNCOMMON;
    const end = textEnd(bytes, at);
    at = after(NEXT_MEMBER, bytes, end);
    if (at === UNCOMMON) return end;
  }
  return UNCOMMON;
}
