import type { Baseline } from '../drift/baseline.ts';
import { SMOKE_TEST_PREFIX } from './capture-layout.ts';
import { Cells, UNCOMMON } from './cells.ts';
import { Literal, Passage, textEnd } from './passage.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What stands around the texts of a record, as SageMaker writes it. */
const INPUT = utf8('{"captureData":{"endpointInput":{"observedContentType":"');
const INPUT_DATA = utf8('","mode":"INPUT","data":"');
const OUTPUT = utf8('","encoding":"CSV"},"endpointOutput":{"observedContentType":"');
const OUTPUT_DATA = utf8('","mode":"OUTPUT","data":"');
const METADATA = utf8('","encoding":"CSV"}},"eventMetadata":{"');
const MEMBER = utf8('":"');
const NEXT_MEMBER = utf8('","');
/** Members of the metadata at most; there are three. */
const MOST_MEMBERS = 8;
const VERSION = utf8('"},"eventVersion":"');
const END = utf8('"}');
const SMOKE_TEST = new Literal(utf8(SMOKE_TEST_PREFIX));

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads a record of the shape that SageMaker writes for CSV in and out, from its bytes, without parsing what nobody asks for.
 *
 * It takes only what it reads exactly as JSON.parse and the reader of CSV would: the members of that shape in that order, strings
 * without escapes but row ends, as many fields as features and as many answers as rows. All else is left to them.
 */
export class RecordScanner {
  /** The features of the records that were scanned since it was cleared. */
  readonly input: Cells;
  /** Their predictions as its only numbers: one column, or of a multiclass model one per class. */
  readonly output: Cells;
  readonly #beforeInput = new Passage(INPUT, INPUT_DATA);
  readonly #beforeOutput = new Passage(OUTPUT, OUTPUT_DATA);
  readonly #beforeFirstMember = new Passage(METADATA, MEMBER);
  readonly #beforeMembers = Array.from({ length: MOST_MEMBERS }, () => new Passage(NEXT_MEMBER, MEMBER));
  readonly #version = new Passage(VERSION, END);
  #bytes: Uint8Array = new Uint8Array(0);
  /** Of the bytes that were scanned last. */
  view: DataView = new DataView(this.#bytes.buffer);

  /**
   * @param scoreColumn column of the response that is the prediction, or the first class's; the response must have none beyond the
   *   predictions to be common
   */
  constructor({ features, prediction }: Baseline, scoreColumn: number) {
    this.input = new Cells(features.map(({ profile }) => profile.kind === 'numeric'));
    const columns = scoreColumn + (prediction.classes ?? 1);
    this.output = new Cells(Array.from({ length: columns }, (_, column) => column >= scoreColumn));
  }

  /**
   * @param bytes hold a line feed at or after `from`
   * @returns where the line feed stands that ends the record, whose rows are now the last of `input` and `output`; or UNCOMMON
   */
  scan(bytes: Uint8Array, from: number): number {
    this.input.keep();
    this.output.keep();
    const end = this.#end(bytes, this.#viewOf(bytes), from);
    if (end !== UNCOMMON) return end;
    this.input.drop();
    this.output.drop();
    return UNCOMMON;
  }

  #end(bytes: Uint8Array, view: DataView, from: number): number {
    let at = this.#beforeInput.end(view, from);
    if (at !== UNCOMMON) at = this.input.read(bytes, at);
    at = this.#beforeOutput.end(view, at);
    if (at !== UNCOMMON) at = this.output.read(bytes, at);
    at = this.#metadataEnd(view, at);
    at = this.#version.end(view, at);
    if (at === UNCOMMON) return UNCOMMON;
    if (bytes[at] === CR) at += 1;
    return bytes[at] === LF && this.input.rows === this.output.rows ? at : UNCOMMON;
  }

  /** A chunk has many lines. */
  #viewOf(bytes: Uint8Array): DataView {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.view;
  }

  /** Past `name":"text","name":"text` up to the last quote; UNCOMMON in a smoke test's record, which is to be counted apart. */
  #metadataEnd(view: DataView, from: number): number {
    let at = this.#beforeFirstMember.end(view, from);
    for (const before of this.#beforeMembers) {
      if (at === UNCOMMON || SMOKE_TEST.end(view, at) !== UNCOMMON) return UNCOMMON;
      const end = textEnd(view, at);
      at = before.end(view, end);
      if (at === UNCOMMON) return end;
    }
    return UNCOMMON;
  }
}
