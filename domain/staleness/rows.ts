import type { Interval, Intervals } from '../evaluation/intervals.ts';
import type { ObjectRef, Submitter } from '../model.ts';

/** `Asked`: under way. `Failed`: the row says why; too few labelled predictions is such a reason. */
export type StalenessStatus = 'Asked' | 'Measured' | 'Failed';

/** How many versions are held against each other, the one that serves included, and on predictions of how many days. */
export interface StalenessWish {
  readonly versions: number;
  readonly days: number;
}

/** Where nobody says otherwise. */
export const USUAL_WISH: StalenessWish = { versions: 5, days: 30 };

/** The `STALENESS` row: the last versions of a model were to be held against the same recent predictions. */
export interface StalenessRow extends StalenessWish {
  readonly model: string;
  /** When it was asked, and 8 digits of what asked: `20260220T100000123Z-1a2b3c4d`. Sorts by time. */
  readonly id: string;
  readonly status: StalenessStatus;
  /** ISO 8601 UTC. */
  readonly askedAt: string;
  readonly askedBy: Submitter;
  /** `upload/{key}#{versionId}` of a request, `schedule/{time}` of the schedule. */
  readonly origin: string;
  readonly executionName: string;
  readonly endedAt?: string;
  readonly failure?: { readonly error: string; readonly message: string };
  readonly measured?: {
    readonly champion: number;
    readonly rows: number;
    readonly inWords: string;
    /** `staleness.json` (StalenessReport). */
    readonly document: ObjectRef & { readonly sha256: string };
    /** The same for people. */
    readonly page: ObjectRef;
  };
}

/** What is known of a version's age. */
export interface VersionAge {
  readonly version: number;
  readonly serves: boolean;
  /**
   * Nothing that it learnt from was uploaded later, ISO 8601 UTC: a prediction made after that cannot have been among its
   * training data.
   */
  readonly learntUntil: string;
  /** ISO 8601 UTC. */
  readonly approvedAt?: string;
  /** Definition and program are those of the version that serves: what differs is data, and so age. */
  readonly sameProgram: boolean;
}

/** Why a version is not held against the others. */
export type NotComparedBecause =
  /** It reads other features, or the same in another order. */
  | 'OtherFeatures'
  /** It answers another question: another target, other classes. */
  | 'OtherProblem'
  /** It was withdrawn, or its approval was taken back. */
  | 'Withdrawn'
  /** Its container failed, or answered otherwise than it should. */
  | 'NotScored';

/** Days as a number from `learntUntil` to when it was measured. */
type Aged = VersionAge & { readonly ageDays: number };

export type MeasuredVersion = Aged & {
  /** 95 %, by measure. */
  readonly intervals: Intervals;
  /** This version − the one that serves, paired on the same rows; absent of the one that serves, and where that has no scores. */
  readonly differences?: Intervals;
};

export type ComparedVersion =
  | MeasuredVersion
  | (Aged & { readonly notCompared: NotComparedBecause; readonly why: string });

export const isMeasured = (version: ComparedVersion): version is MeasuredVersion => 'intervals' in version;

/** Which predictions versions were held against, and how they were found. */
export interface MeasuredRows {
  readonly rows: number;
  /** Hours in which they were made, from and until, ISO 8601 UTC: all after the last upload that any version learnt from. */
  readonly from: string;
  readonly until: string;
  /** Labelled predictions that were found; more than `rows` where those are a sample. */
  readonly labelled: number;
  /** Captured predictions that were read. */
  readonly predictions: number;
  /** Capture files there are, and those that were read: of too many bytes, a sample. */
  readonly files: number;
  readonly filesRead: number;
  /** Captured lines or rows that could not be read, or not be sent again as a line of CSV. */
  readonly unread: number;
  /** Files of labels that could not be read, or were beyond what is read. */
  readonly labelFilesLeftOut: number;
}

/** The measurement, as `staleness.json` keeps it. */
export interface StalenessReport {
  readonly schema: 'launchway/staleness/v1';
  readonly model: string;
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The version that served when it was measured. */
  readonly champion: number;
  /** What people read first; `intervals` have every measure. */
  readonly metric: string;
  readonly seed: number;
  readonly measuredOn: MeasuredRows;
  /** Of the transforms, at list price. Absent where no price is known. */
  readonly costUsd?: number;
  /** The one that serves first, then the newest. */
  readonly versions: readonly ComparedVersion[];
  readonly ageing?: Ageing;
  readonly inWords: string;
}

/** How much worse the older of two versions is: the one that serves, and the one whose data is furthest from its own. */
export interface Ageing {
  readonly older: number;
  readonly newer: number;
  /** Between the uploads of what they learnt from. */
  readonly daysApart: number;
  /** By how much the older one is worse, in the measure's unit: below 0 where it is better. */
  readonly worse: Interval;
  /** The same a week, if it is lost evenly; absent where they are less than a week apart. */
  readonly perWeek?: Interval;
  /** `Worse`, `Better`: the interval excludes 0. */
  readonly verdict: 'Worse' | 'Better' | 'NotTold';
}
