import type { ObjectRef, Submitter } from './model.ts';
import type {
  BaselineFiles,
  DeploymentResult,
  EvaluationResult,
  FailedTraining,
  PreparedData,
  SealedArtifact,
  SealedDataset,
  TrainingResult,
} from './step-results.ts';

/** Where a release is. The last eight are ends. */
export type ReleaseStatus =
  | 'Admitted'
  | 'Preparing'
  | 'Training'
  | 'Sealing'
  | 'Validating'
  | 'AwaitingApproval'
  | 'Deploying'
  | 'Deployed'
  | 'Validated'
  | 'Refused'
  | 'Rejected'
  | 'Expired'
  | 'Superseded'
  | 'Withdrawn'
  | 'Failed';

/** `experiment`: ends after validation and asks nobody. */
export type ReleasePurpose = 'release' | 'experiment';

/** Lawful next statuses. `Sealing` follows `Preparing` where the model was trained elsewhere. `Validated`: an experiment passed its gates; `Refused`: data or gates said no; `Failed`: something broke. */
export const RELEASE_TRANSITIONS: Readonly<Record<ReleaseStatus, readonly ReleaseStatus[]>> = {
  Admitted: ['Preparing', 'Failed', 'Withdrawn'],
  Preparing: ['Training', 'Sealing', 'Refused', 'Failed', 'Withdrawn'],
  Training: ['Sealing', 'Failed', 'Withdrawn'],
  Sealing: ['Validating', 'Refused', 'Failed', 'Withdrawn'],
  Validating: ['AwaitingApproval', 'Validated', 'Refused', 'Failed', 'Withdrawn'],
  AwaitingApproval: ['Deploying', 'Rejected', 'Expired', 'Superseded', 'Withdrawn', 'Failed'],
  Deploying: ['Deployed', 'Failed'],
  Deployed: [],
  Validated: [],
  Refused: [],
  Rejected: [],
  Expired: [],
  Superseded: [],
  Withdrawn: [],
  Failed: [],
};

export const isEnd = (status: ReleaseStatus): boolean => RELEASE_TRANSITIONS[status].length === 0;

/** The statuses from which `next` is lawful; the table's condition is made of these. */
export const lawfulBefore = (next: ReleaseStatus): ReleaseStatus[] =>
  (Object.keys(RELEASE_TRANSITIONS) as ReleaseStatus[]).filter((from) => RELEASE_TRANSITIONS[from].includes(next));

/** What asked for a retraining. */
export type RetrainTrigger =
  /** `flight-delays/drift/2026-02-15T00:00:00.000Z` */
  | { readonly kind: 'incident'; readonly incident: string }
  /** ISO 8601 UTC. */
  | { readonly kind: 'schedule'; readonly occurrence: string }
  /** A person, from the command line or an incident's page. */
  | { readonly kind: 'request'; readonly origin: string; readonly incident?: string };

/** The `RELEASE` row. Step results are written once each, by the step that computed them. */
export interface ReleaseRow {
  readonly model: string;
  readonly release: number;
  readonly team: string;
  readonly status: ReleaseStatus;
  /** Absent: `release`. */
  readonly purpose?: ReleasePurpose;
  /** The release whose pinned inputs this one trains on again, to see whether it comes out the same. */
  readonly reproduces?: number;
  readonly executionName: string;
  readonly submitter: Submitter;
  /** ISO 8601, UTC. */
  readonly admittedAt: string;
  readonly endedAt?: string;
  /** When its end was mailed to the owner. */
  readonly toldAt?: string;
  /** Why: `upload`, `submit`, `schedule`, `drift`, with a sentence. */
  readonly reason: string;
  /** Present where the governor started it. */
  readonly retraining?: RetrainTrigger;
  readonly inputs: {
    readonly definition: ObjectRef & { readonly sha256: string };
    readonly dataset: ObjectRef;
    /** When the dataset was uploaded, ISO 8601 UTC. Absent in rows of before. */
    readonly uploadedAt?: string;
    /** The pinned files of a dataset that has several (PinnedFiles). */
    readonly files?: ObjectRef & { readonly sha256: string };
    readonly source?: ObjectRef;
    /** The model itself, where it was trained elsewhere. */
    readonly artifact?: ObjectRef;
    /** What trains, pinned by digest. Absent for framework models of before. */
    readonly image?: string;
    /** What serves, pinned by digest, where it is another. */
    readonly servingImage?: string;
  };
  readonly steps: {
    readonly dataset?: SealedDataset;
    readonly prepared?: PreparedData;
    /** What the checks of the dataset found: `data-report.json`, with a page beside it. */
    readonly dataReport?: ObjectRef;
    readonly baseline?: ObjectRef;
    /** The same in Model Monitor's format. Absent in releases of before. */
    readonly baselineFiles?: BaselineFiles;
    readonly training?: TrainingResult;
    /** The job that ended without a model, where one did. */
    readonly failedTraining?: FailedTraining;
    readonly artifact?: SealedArtifact;
    readonly evaluation?: EvaluationResult;
    /** Its entry in SageMaker's model registry. */
    readonly registration?: { readonly packageArn: string };
    readonly approval?: { readonly requestId: string };
    readonly deployment?: DeploymentResult;
  };
  /** Model version made by this release, once sealed. */
  readonly version?: number;
  readonly outcome?: ReleaseOutcome;
}

export interface ReleaseOutcome {
  readonly status: ReleaseStatus;
  /** Whose it is, as the mail says it. */
  readonly whose?:
    | 'your code'
    | 'your data'
    | 'a gate'
    | 'quota or capacity'
    | 'AWS'
    | 'Launchway'
    | 'an approver'
    | 'an operator';
  readonly step?: string;
  /** Error name, where something failed. */
  readonly error?: string;
  readonly message: string;
  /** Last lines of the job's log, secrets masked. */
  readonly logTail?: readonly string[];
}
