import type { Withdrawal } from './approval/approval-request.ts';
import type { ObjectRef, Submitter } from './model.ts';

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

/** What a file of a dataset is for. */
export type DatasetRole = 'train' | 'test';

/** A file of a dataset, under its write-once key. */
export interface SealedFile {
  readonly role: DatasetRole;
  /** As it was uploaded, without its folder. */
  readonly name: string;
  readonly object: ObjectRef & { readonly sha256: string };
  readonly bytes: number;
}

export interface SealedDataset {
  /** The dataset's file; where it has several, the list of them (SealedFiles), whose digest is the dataset's. */
  readonly object: ObjectRef & { readonly sha256: string };
  /** How many files it has. Absent: one. */
  readonly files?: number;
  /** `commit` as `launchway submit` captured it; `+changes` where files differed from it. */
  readonly source?: ObjectRef & { readonly sha256: string; readonly commit?: string };
  readonly bytes: number;
}

/** `statistics.json` and `constraints.json`, as SageMaker Model Monitor reads them. */
export interface BaselineFiles {
  readonly statistics: ObjectRef & { readonly sha256: string };
  readonly constraints: ObjectRef & { readonly sha256: string };
}

export interface PreparedData {
  /** s3:// folder holding train/, schema/ and holdout/. */
  readonly uri: string;
  readonly recipe: string;
  readonly trainRows: number;
  readonly holdoutRows: number;
  readonly holdoutSha256: string;
  /** How rows were held out: what a later version needs to know to be compared on rows that neither saw. */
  readonly split?: HoldOut;
  /** The dataset's rows, and so the training rows, are in order of time. */
  readonly inTimeOrder?: true;
  /** What a person should know, in sentences: missing values, duplicates, a small hold-out. */
  readonly findings: readonly string[];
}

export interface HoldOut {
  readonly kind: 'time' | 'id-hash' | 'file';
  /** Of all rows. */
  readonly fraction: number;
  /** `file`: hex SHA-256 of the user's own test file. */
  readonly sha256?: string;
  /** `time`: rows from this instant on (ISO 8601, UTC) are held out. */
  readonly from?: string;
}

export interface TrainingResult {
  readonly jobName: string;
  readonly jobArn: string;
  readonly image: string;
  readonly artifactUri: string;
  readonly seconds: number;
  readonly instanceType: string;
  /** At list price, for this release: 0 where the job was another's. Absent where no price is known. */
  readonly costUsd?: number;
  /** Digest of everything that decided what the job computed. Absent in rows of before. */
  readonly inputs?: string;
  /** Trained, per instance; absent where it is what was billed. */
  readonly trainingSeconds?: number;
  readonly instanceCount?: number;
  readonly isSpot?: boolean;
  /** How often spot instances were taken away; training went on from its checkpoints. */
  readonly interruptions?: number;
  /** Types of `training.instance.types` that had no capacity before the one that trained. */
  readonly withoutCapacity?: readonly string[];
  /** The search that found this training's hyperparameters. */
  readonly search?: SearchResult;
  /** The release whose job this is, where equal inputs had been trained on before: nothing was paid again. */
  readonly reusedFrom?: number;
}

/** A search for hyperparameters, whose best training job made the model. */
export interface SearchResult {
  readonly jobName: string;
  readonly metric: string;
  readonly goal: 'maximize' | 'minimize';
  /** Of the best training job. */
  readonly objective: number;
  /** What was found, as texts. */
  readonly tuned: Readonly<Record<string, string>>;
  readonly trials: number;
  readonly completed: number;
  /** `search.json`: every trial with its values and what came of it. */
  readonly document: ObjectRef;
}

/** A training job that was paid for and made no model. */
export interface FailedTraining {
  readonly jobName: string;
  /** Billed, per instance. */
  readonly seconds: number;
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly isSpot: boolean;
  /** At list price. Absent where no price is known. */
  readonly costUsd?: number;
}

export interface SealedArtifact {
  readonly object: ObjectRef & { readonly sha256: string };
  readonly bytes: number;
  readonly files: number;
  readonly findings: readonly string[];
  /** What the training program reported in `metrics.json`, by name. Absent where it wrote none. */
  readonly customMetrics?: Readonly<Record<string, number>>;
  /** What it was trained with, as the program says in `versions.json`. Absent where it says nothing. */
  readonly libraries?: Readonly<Record<string, string>>;
  /** Hex SHA-256 of names and contents of its files: equal where only times or packing differ. Absent in versions of before. */
  readonly contentsSha256?: string;
}

export interface EvaluationResult {
  readonly document: ObjectRef;
  /** Hex SHA-256 of the evaluation document. */
  readonly sha256: string;
  /** The same for people: one page, written once. Absent in releases of before. */
  readonly page?: ObjectRef & { readonly sha256: string };
  readonly passed: boolean;
  /** `{ auc: 0.616 }` of the candidate. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly gates: readonly GateResult[];
  /** s3:// URI of the candidate's hold-out predictions, for the smoke test. */
  readonly predictionsUri: string;
  /** Of the jobs that it took, at list price. Absent where no price is known, and in releases of before. */
  readonly costUsd?: number;
  readonly comparedWith?: number;
  /** What chance alone moves each measure by on this hold-out. Absent in versions of before. */
  readonly standardErrors?: Readonly<Record<string, number>>;
  /** The same of candidate − champion, on the rows that both were judged on. */
  readonly comparison?: { readonly rows: number; readonly standardErrors: Readonly<Record<string, number>> };
  /** Profile of the hold-out's predictions: what live predictions are held against. Absent in versions of before. */
  readonly predictionProfile?: ObjectRef;
  /** How often each score, or each decision of a multiclass model, came true on the hold-out: what quality without outcomes is estimated by. */
  readonly scoreOutcomes?: ObjectRef;
}

export interface GateResult {
  readonly metric: string;
  /** `Undefined`: the measure has no value here, so the gate is not passed. */
  readonly verdict: 'Passed' | 'Failed' | 'NotComparable' | 'Undefined';
  readonly measured: number | null;
  readonly needed: string;
  readonly why: string;
  /** Why by name, where there is more to tell than the verdict: `NoChampion`, `MarginNotResolved`, `OneClassOnly`, … */
  readonly reason?: string;
}

export interface DeploymentResult {
  readonly endpointName: string;
  readonly endpointConfigName: string;
  readonly previousConfigName?: string;
  readonly provedAt: string;
  readonly smokeRows: number;
  /** Absent where nothing was watched while it took over: a first version, `allAtOnce`, and rows of before. */
  readonly traffic?: RolloutRequests;
}

/** What callers asked of a version while alarms watched it take over. */
export interface RolloutRequests {
  readonly requests: number;
  /** With fewer it is not proved by live traffic. */
  readonly needed: number;
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

/** The `VERSION` row: a model version, from its sealed artifact on. */
export interface VersionRow {
  readonly model: string;
  readonly version: number;
  readonly release: number;
  readonly team: string;
  readonly status: 'Sealed' | 'Validated' | 'Refused' | 'Approved' | 'Rejected' | 'Deployed' | 'Retired';
  readonly artifact: SealedArtifact;
  readonly image: string;
  readonly dataset: SealedDataset;
  readonly prepared: PreparedData;
  readonly baseline: ObjectRef;
  /** Absent in versions of before. */
  readonly baselineFiles?: BaselineFiles;
  readonly definition: ObjectRef & { readonly sha256: string };
  /** Absent where it was trained elsewhere. */
  readonly training?: TrainingResult;
  readonly evaluation?: EvaluationResult;
  readonly approval?: {
    readonly requestId: string;
    readonly digest: string;
    readonly approvers: readonly string[];
    readonly at: string;
    /** From that day on it is to be looked at again: `2027-01-31`. It stops nothing. */
    readonly reviewBy?: string;
    /** An approver took it back: the version may be neither deployed nor restored. */
    readonly revoked?: Withdrawal;
  };
  readonly createdAt: string;
  /** It is not to be served again, by whom and why. */
  readonly withdrawn?: Withdrawal;
}

/** Lawful next statuses of a model version. */
export const VERSION_TRANSITIONS: Readonly<Record<VersionRow['status'], readonly VersionRow['status'][]>> = {
  Sealed: ['Validated', 'Refused'],
  Validated: ['Approved', 'Rejected'],
  Refused: [],
  Approved: ['Deployed'],
  Rejected: [],
  Deployed: ['Retired'],
  Retired: ['Deployed'],
};

/** The version statuses from which `next` is lawful. */
export const versionLawfulBefore = (next: VersionRow['status']): VersionRow['status'][] =>
  (Object.keys(VERSION_TRANSITIONS) as VersionRow['status'][]).filter((from) =>
    VERSION_TRANSITIONS[from].includes(next),
  );
