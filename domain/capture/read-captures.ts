import type { Value } from '../drift/profile-builder.ts';
import type { Readable } from '../stream.ts';
import type { CaptureLayout, CaptureTally, UnreadReason } from './capture-layout.ts';
import { emptyTally, SMOKE_TEST_PREFIX } from './capture-layout.ts';
import { DamagedFileError, unzipped } from './gunzip.ts';
import { linesOf } from './lines.ts';
import { type CapturedPayload, type PayloadRow, rowsOfPayload } from './payload.ts';
import { BadPayloadError, UnknownPayloadError } from './payload-errors.ts';

/** SageMaker takes requests of up to 25 MB; as base64 with its answer, a record stays below this. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Who asked, and when; nothing in it can be relied on. */
export interface EventMetadata {
  readonly eventId?: unknown;
  readonly inferenceId?: unknown;
  readonly inferenceTime?: unknown;
}

/** Takes rows with the record they are of. */
export interface RecordSink {
  /**
   * @param index of the row in its request
   * @param answer every column of the response for this row; undefined where it has none
   */
  row(
    features: readonly Value[],
    prediction: Value | undefined,
    metadata: EventMetadata,
    index: number,
    answer: readonly Value[] | undefined,
  ): void;
}

interface CaptureRecord {
  readonly captureData?: { readonly endpointInput?: CapturedPayload; readonly endpointOutput?: CapturedPayload };
  readonly eventMetadata?: EventMetadata;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Counting = Mutable<Omit<CaptureTally, 'unread'>> & { readonly unread: Record<UnreadReason, number> };

/**
 * Reads SageMaker data capture (JSON Lines, one record per request, gzip or not) into rows of features in declared order, with
 * the prediction where there is one. One line is held at a time.
 *
 * @param bytes one capture file
 * @param sink gets each row; a throw of its own ends the reading
 * @returns what was read, and what could not be, by reason
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
 */
export async function readCaptures(bytes: Readable, layout: CaptureLayout, sink: RecordSink): Promise<CaptureTally> {
  const reader = new RecordReader(layout, sink);
  await reader.countDamage(async () => {
    for await (const lines of linesOf(unzipped(bytes), MAX_LINE_BYTES)) {
      for (const { text, complete } of lines) reader.read(text, complete);
    }
  });
  return reader.tally;
}

/** Reads records of any shape, one by one, and counts what became of them. */
export class RecordReader {
  readonly tally = emptyTally() as Counting;
  readonly #layout: CaptureLayout;
  readonly #positions: ReadonlyMap<string, number>;
  readonly #sink: RecordSink;

  constructor(layout: CaptureLayout, sink: RecordSink) {
    this.#layout = layout;
    this.#positions = new Map(layout.features.map((name, i) => [name, i]));
    this.#sink = sink;
  }

  /**
   * @param text a line; undefined where it was too long to hold
   * @param complete whether a line break ends it
   */
  read(text: string | undefined, complete: boolean): void {
    if (text === undefined) this.tally.unread['line-too-long'] += 1;
    else if (text.trim() !== '') this.#readRecord(text, complete);
  }

  /** Runs `work`; a compressed file that breaks off or is damaged counts as one torn line. */
  async countDamage(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      this.tally.unread['torn-line'] += 1;
    }
  }

  #readRecord(text: string, complete: boolean): void {
    const { tally } = this;
    const record = parseRecord(text);
    if (record === undefined) {
      tally.unread[complete ? 'not-json' : 'torn-line'] += 1;
      return;
    }
    tally.records += 1;
    const id = record.eventMetadata?.inferenceId;
    if (typeof id === 'string' && id.startsWith(SMOKE_TEST_PREFIX)) {
      tally.smokeRecords += 1;
      return;
    }
    const input = record.captureData?.endpointInput;
    if (typeof input?.data !== 'string') {
      tally.unread['no-input'] += 1;
      return;
    }
    const rows = rowsOrReason(input);
    if (typeof rows === 'string') tally.unread[rows] += 1;
    else this.#passOn(record, rows);
  }

  #passOn(record: CaptureRecord, rows: readonly PayloadRow[]): void {
    const { tally } = this;
    const answers = answersOf(record, rows.length);
    rows.forEach((row, i) => {
      const features = inOrder(row, this.#positions);
      if (!features) {
        tally.unread['wrong-field-count'] += 1;
        return;
      }
      tally.rows += 1;
      const prediction = answers[i]?.[this.#layout.scoreColumn];
      if (prediction === undefined) tally.rowsWithoutPrediction += 1;
      this.#sink.row(features, prediction, record.eventMetadata ?? {}, i, answers[i]);
    });
  }
}

/** @returns undefined where the row has another number of fields than there are features, or other names */
function inOrder(row: PayloadRow, positions: ReadonlyMap<string, number>): readonly Value[] | undefined {
  if (!(row instanceof Map))
    return (row as readonly Value[]).length === positions.size ? (row as readonly Value[]) : undefined;
  const features = new Array<Value>(positions.size).fill(null);
  for (const [name, value] of row) {
    const at = positions.get(name);
    if (at === undefined) return undefined;
    features[at] = value;
  }
  return features;
}

/** One answer per row; none at all where the response does not fit the request. */
function answersOf(record: CaptureRecord, rows: number): (readonly Value[])[] {
  const output = record.captureData?.endpointOutput;
  if (typeof output?.data !== 'string') return [];
  const answers = rowsOrReason(output);
  if (typeof answers === 'string') return [];
  // [0.1, 0.9] answers two rows with a score each, as it would answer one row with two.
  const [only] = answers;
  const scores = rows > 1 && answers.length === 1 && Array.isArray(only) && only.length === rows;
  const perRow = scores ? (only as readonly Value[]).map((score) => [score]) : answers;
  if (perRow.length !== rows) return [];
  return perRow.map((answer) => (answer instanceof Map ? [...answer.values()] : (answer as readonly Value[])));
}

function rowsOrReason(payload: CapturedPayload): PayloadRow[] | 'bad-payload' | 'unknown-encoding' {
  try {
    return rowsOfPayload(payload);
  } catch (error) {
    if (error instanceof BadPayloadError) return 'bad-payload';
    if (error instanceof UnknownPayloadError) return 'unknown-encoding';
    throw error;
  }
}

function parseRecord(text: string): CaptureRecord | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === 'object' && record !== null && !Array.isArray(record)
      ? (record as CaptureRecord)
      : undefined;
  } catch {
    // Counted by the caller: a line that is no JSON is data from outside, not a fault.
    return undefined;
  }
}
