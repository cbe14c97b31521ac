import type { ObjectRef } from './model.ts';

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
