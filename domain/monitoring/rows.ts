import type { CaptureTally } from '../capture/capture-layout.ts';
import type { CheckedWindow } from '../drift/persistence.ts';
import type { FeatureVerdict } from '../drift/verdict.ts';
import type { ObjectRef } from '../model.ts';

/** The `PROFILE` row: one per version and hour, replaced when more of the hour's captures arrive. */
export interface ProfileRow {
  readonly model: string;
  readonly version: number;
  /** Start of the hour, ISO 8601 UTC. */
  readonly hour: string;
  /** Hex SHA-256 of the names and sizes of the capture files that were read: the same files give the same profile. */
  readonly revision: string;
  readonly files: number;
  readonly tally: CaptureTally;
  /** Files that were listed and gone when they were to be read. */
  readonly vanishedFiles: number;
  /** The profile, pinned. */
  readonly document: ObjectRef & { readonly sha256: string };
  readonly profiledAt: string;
}

/** The `WINDOW` row: one check per closed window. */
export interface WindowRow extends CheckedWindow {
  readonly model: string;
  readonly version: number;
  /** Where counting began: earlier than `start` where windows before this one had too few rows to judge. */
  readonly countsFrom: string;
  readonly why: string;
  readonly rows: number;
  /** Share of what was to be captured that was; absent where invocations were not counted. */
  readonly coverage?: number;
  /** What moved, most first; at most 20, the report has all. */
  readonly moved: readonly FeatureVerdict[];
  /** Features for which persistence is met; skewed ones are not among them. */
  readonly persistent: readonly string[];
  /** Start of the first window in which they drifted. */
  readonly since?: string;
  /** Absent where there was nothing to report on. */
  readonly report?: ObjectRef & { readonly sha256: string };
  readonly checkedAt: string;
}

/** What finds something wrong. */
export type Detector = 'drift';

/** The `INCIDENT` row: one per model, detector and beginning; one is open at a time. */
export interface IncidentRow {
  readonly model: string;
  readonly version: number;
  readonly detector: Detector;
  /** Since when, ISO 8601 UTC: the start of the first window in which it showed. */
  readonly start: string;
  readonly status: 'Open' | 'Closed';
  /** The window whose check opened it. */
  readonly windowStart: string;
  readonly features: readonly string[];
  readonly openedAt: string;
  /** When people had been told; absent while that is still to be done. */
  readonly notifiedAt?: string;
  readonly toldTo?: readonly string[];
  readonly closedAt?: string;
  readonly closedBecause?: string;
}

/** `flight-delays/drift/2026-02-15T00:00:00.000Z` */
export const incidentId = ({ model, detector, start }: Pick<IncidentRow, 'model' | 'detector' | 'start'>): string =>
  `${model}/${detector}/${start}`;
