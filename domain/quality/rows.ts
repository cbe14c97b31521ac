import type { ObjectRef, Submitter } from '../model.ts';
import type { DecisionValue } from '../monitoring/worth.ts';
import type { LabelTally } from './label-reader.ts';
import type { LabelEffect } from './outcomes.ts';

/**
 * `Received`: not read yet. `Joined`: read, and some of its labels name no prediction that is known yet. `Settled`: nothing of it
 * is looked for any more. `Refused`: it could not be read at all.
 */
export type LabelFileStatus = 'Received' | 'Joined' | 'Settled' | 'Refused';

/** The `LABELS` row: one uploaded file of outcomes. */
export interface LabelFileRow {
  readonly model: string;
  /** First 16 of the digest of the object's name and version. */
  readonly id: string;
  /** In the intake bucket, pinned. */
  readonly object: ObjectRef;
  readonly submitter: Submitter;
  /** When it was uploaded, and when that was known here: files are worked through in that order. ISO 8601 UTC. */
  readonly uploadedAt: string;
  readonly receivedAt: string;
  readonly status: LabelFileStatus;
  readonly tally?: LabelTally;
  /** Labels that named a prediction. */
  readonly matched?: number;
  /** What they did to what was known. */
  readonly effects?: Readonly<Record<LabelEffect, number>>;
  /** Labels that named none so far; once `Settled`: unknown ids. */
  readonly unmatched?: number;
  /** Where the labels are that are still looked for. */
  readonly remainder?: ObjectRef;
  /** Windows that ended until then were searched. */
  readonly searchedUntil?: string;
  readonly refusedBecause?: string;
  readonly settledAt?: string;
}

/** The `QUALITY` row: what is known of the outcomes of a window's predictions. */
export interface QualityRow {
  readonly model: string;
  readonly version: number;
  /** ISO 8601 UTC. */
  readonly start: string;
  readonly end: string;
  /** Counts up with every write. */
  readonly revision: number;
  /** Absent where nobody asked for them so far: captures are read when the first labels come. */
  readonly predictions?: WindowPredictions;
  readonly outcomes?: {
    readonly document: ObjectRef;
    readonly labelled: number;
    /** Counts up with every change of an outcome. */
    readonly changes: number;
  };
  readonly evaluation?: QualityEvaluation;
}

/** The predictions of a window, as they were read once. */
export interface WindowPredictions {
  /** The index; absent where there was nothing to index. */
  readonly document?: ObjectRef;
  /** Rows that were captured. */
  readonly rows: number;
  /** Of these, those that outcomes can be joined to. */
  readonly kept: number;
  /** Share of ids that is kept; below 1 all numbers are of a sample. */
  readonly fraction: number;
  readonly withoutId: number;
  readonly withoutScore: number;
  readonly repeated: number;
  /** Lines and rows that could not be read. */
  readonly unread: number;
}

/** `Failed`: a gate is surely not met. `InsufficientLabels` is never "good". */
export type QualityVerdict = 'Passed' | 'Failed' | 'InsufficientLabels';

/** A window's evaluation, in short. */
export interface QualityEvaluation {
  readonly at: string;
  readonly verdict: QualityVerdict;
  readonly why: string;
  /** Start of the first window whose labels were counted: earlier than the window's where those before had too few. */
  readonly countsFrom: string;
  readonly labelled: number;
  /** Predictions that could have been labelled. */
  readonly predictions: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Measures whose gate is surely not met. */
  readonly failing: readonly string[];
  /** Of these, those that people are told of: beyond doubt, or in enough of the last windows. */
  readonly persistent: readonly string[];
  /** What the window's own labelled decisions were worth; absent where `business` says nothing. */
  readonly value?: DecisionValue;
  /** The window's `changes` when it was made: others now, and it is made again. */
  readonly changes: number;
  readonly document?: ObjectRef & { readonly sha256: string };
}
