import type { CaptureTally } from '../capture/capture-layout.ts';
import type { CheckedWindow } from '../drift/persistence.ts';
import type { FeatureVerdict } from '../drift/verdict.ts';
import type { MailBlock } from '../mail/mail-document.ts';
import type { ObjectRef } from '../model.ts';
import type { EstimateRow } from '../quality/estimate-finding.ts';
import type { DataRow } from './data-quality.ts';
import type { ServiceRow } from './service.ts';
import type { Usage } from './usage.ts';
import type { ServingCost } from './worth.ts';

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
  /** Files that held the same bytes as another of the hour, and were not counted again; absent in rows of before. */
  readonly repeatedFiles?: number;
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
  /** Names of the rules that say why what moved may have; absent in rows of before. */
  readonly causes?: readonly string[];
  /** Largest effect of a judged feature, relative to its threshold; absent where none could be measured, and in rows of before. */
  readonly strongest?: number;
  /** What moved, most first; at most 20, the report has all. */
  readonly moved: readonly FeatureVerdict[];
  /** Features for which persistence is met; skewed ones are not among them. */
  readonly persistent: readonly string[];
  /** How much it was asked; absent where the version did not serve, or nothing was counted. */
  readonly usage?: Usage;
  /** What serving cost; absent where the version did not serve to the end, or no price is known. */
  readonly cost?: ServingCost;
  /** Errors and latency of the calls; absent where the version did not serve, or nothing was counted. */
  readonly service?: ServiceRow;
  /** Whether it breaks what training had; absent where it had too few rows to judge, and in rows of before. */
  readonly data?: DataRow;
  /** What its predictions are expected to be worth; absent where that is not estimated. */
  readonly estimate?: EstimateRow;
  /** Start of the first window in which they drifted. */
  readonly since?: string;
  /** Absent where there was nothing to report on. */
  readonly report?: ObjectRef & { readonly sha256: string };
  readonly checkedAt: string;
  /** When what it says had been taken to its incidents; absent while that is still to be done, and in rows of before. */
  readonly settledAt?: string;
}

/** What finds something wrong: inputs that moved, or never were as in training; monitoring itself; outcomes; calls; broken data; answers; age. */
export const DETECTORS = [
  ...(['drift', 'skew', 'monitoring', 'quality', 'estimate', 'usage', 'data', 'service'] as const),
  'staleness',
] as const;
export type Detector = (typeof DETECTORS)[number];

/** `page`: whoever is on call, now; `mail`: the owner and the operators; `digest`: with the day's others. */
export type Severity = 'page' | 'mail' | 'digest';

/** Something that people are to know of, before it is an incident. */
export interface Finding {
  readonly model: string;
  readonly version: number;
  readonly detector: Detector;
  /** Since when, ISO 8601 UTC. */
  readonly start: string;
  /** The window, or the occurrence, that found it. */
  readonly windowStart: string;
  readonly severity: Severity;
  /** One sentence. */
  readonly summary: string;
  /** What it is about: features, measures; sorted by weight. */
  readonly features: readonly string[];
  /** Names of the rules that say why it may be so. */
  readonly causes: readonly string[];
  /** Hex SHA-256 of the dataset that the version learnt from. Absent in rows of before. */
  readonly dataset?: string;
  /** What it was found on, as mail and page show it; a few kilobytes. Absent in rows of before. */
  readonly evidence?: readonly Evidence[];
}

/** A block of evidence: everything that a mail can show, but its actions. */
export type Evidence = Exclude<MailBlock, { readonly kind: 'action' }>;

/** The `INCIDENT` row: one per model, detector and beginning; one is open at a time. */
export interface IncidentRow extends Finding {
  readonly status: 'Open' | 'Closed';
  readonly openedAt: string;
  /** When people had been told; absent while that is still to be done. */
  readonly notifiedAt?: string;
  readonly toldTo?: readonly string[];
  /** The fleet incident that people were told of instead. */
  readonly toldAs?: string;
  /** Somebody looks into it: it is real. */
  readonly acknowledged?: IncidentAnswer;
  /** Somebody knew: it is no news until then. */
  readonly expected?: IncidentAnswer & { readonly until: string };
  /** The fleet incident that it is part of. */
  readonly fleet?: string;
  readonly closedAt?: string;
  readonly closedBecause?: string;
}

export interface IncidentAnswer {
  readonly by: string;
  readonly at: string;
  readonly note: string;
}

/** What of a detector is not to be told: somebody said that it is expected. */
export interface Expectation {
  readonly features: readonly string[];
  /** ISO 8601 UTC. */
  readonly until: string;
  readonly by: string;
}

/** Where a detector of a model stands. */
export interface DetectorState {
  readonly open?: IncidentRow;
  readonly expected?: Expectation;
}

/** `flight-delays/drift/2026-02-15T00:00:00.000Z` */
export const incidentId = ({ model, detector, start }: Pick<IncidentRow, 'model' | 'detector' | 'start'>): string =>
  `${model}/${detector}/${start}`;
