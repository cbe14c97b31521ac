import type { Algorithm } from './training/algorithms.ts';
import type { Framework } from './training/images.ts';

/** model.yaml, parsed, with every default filled in. Units are in the names. */
export interface ModelDefinition {
  readonly schema: 'launchway/v1';
  readonly model: string;
  /** What it decides about whom, in a sentence for those who approve it. */
  readonly description?: string;
  readonly owner: string;
  readonly team: string;
  readonly tier: string;
  readonly problem: Problem;
  readonly columns: {
    readonly id: string;
    readonly timestamp?: string;
    /** For slices and fairness; never sent to the model. */
    readonly attributes: readonly string[];
    /** What to do with a column that has no role. */
    readonly others: 'refuse' | 'ignore';
  };
  readonly features: readonly Feature[];
  readonly data: {
    readonly format: 'csv' | 'parquet';
    readonly test:
      | { readonly split: 'time' | 'id-hash'; readonly fraction: number }
      /** The user's own: `test.csv` beside the training data. */
      | { readonly split: 'file' };
    readonly checks: DataChecks;
  };
  readonly training: Training;
  readonly validation: {
    readonly gates: readonly Gate[];
    readonly fairness: readonly FairnessGate[];
    /** Rows that permutation importance may score, all copies together; 0 measures none. */
    readonly importanceRows: number;
  };
  readonly approval: { readonly require: Readonly<Record<string, number>>; readonly expiresBusinessHours: number };
  /** `schedule`: uploads wait until `monitoring.retrain` takes the newest. */
  readonly release: { readonly startOn: 'upload' | 'schedule' };
  readonly serving: {
    readonly mode: 'realtime';
    readonly realtime: { readonly instance: string; readonly minInstances: number; readonly maxInstances: number };
    readonly request: { readonly contentType: 'text/csv' };
    readonly response: { readonly contentType: 'text/csv'; readonly scoreColumn: number };
    /** `repository:tag` of what serves, where it is not what trained; pinned to a digest at admission. */
    readonly image?: string;
    /** Absent where it says nothing: what approvals of before stand for stays what it was. */
    readonly rollout?: Rollout;
  };
  readonly monitoring: Monitoring;
  readonly business?: Business;
}

/** How a version takes over from the one that serves. */
export interface Rollout {
  /** `canary`: a part of the traffic first, watched by alarms. `allAtOnce`: as soon as it answers, watched by nothing. */
  readonly strategy: 'canary' | 'allAtOnce';
  /** Of the traffic, for the canary; at most 50. */
  readonly trafficPercent: number;
  /** The canary lasts so long, and all traffic is watched for as long again before the former fleet goes. */
  readonly minMinutes: number;
  /** With fewer, the version is not proved by live traffic. */
  readonly minRequests: number;
  readonly alarms: {
    readonly p99ModelLatencyMs: number;
    /** Share of requests that fail (5XX), 0 … 1. */
    readonly maxErrorFraction: number;
  };
}

/** What a dataset must pass before any job is paid for. */
export interface DataChecks {
  readonly minRows: number;
  /** Of each class. */
  readonly minClassRows: number;
  /** Of each feature. */
  readonly maxMissingFraction: number;
  /** Rows that equal an earlier one in everything but their id. */
  readonly maxDuplicateFraction: number;
  /** What one feature alone may tell of the target: AUC for classes, |correlation| for numbers. 1 allows everything. */
  readonly maxLeakage: number;
  /** Rows of the user's own test file that are trained on too, in everything but their id; `split: file` only. */
  readonly maxTestOverlapFraction?: number;
}

export interface Problem {
  readonly type: 'binary-classification' | 'multiclass-classification' | 'regression';
  readonly target: string;
  /** Class label as text; binary classification only. */
  readonly positiveClass?: string;
  readonly decisionThreshold: number;
  /** Class labels in the order of the score columns; multiclass only. */
  readonly classes?: readonly string[];
  /** The quantile that the model predicts, for `quantileLoss`; regression only. Absent: the median. */
  readonly quantile?: number;
}

export interface Feature {
  readonly name: string;
  readonly type: 'numeric' | 'categorical';
  readonly unit?: string;
}

/** A search for hyperparameters: the training that is best by its own metric is the candidate. */
export interface Tuning {
  /** `validation:auc`; what `pattern` finds in the log is its value. */
  readonly metric: string;
  /** A regular expression with one group. */
  readonly pattern: string;
  readonly goal: 'maximize' | 'minimize';
  readonly strategy: 'random' | 'bayesian' | 'grid';
  readonly maxJobs: number;
  readonly maxParallelJobs: number;
  readonly ranges: Readonly<Record<string, TunedRange>>;
}

export type TunedRange =
  | { readonly kind: 'integer' | 'continuous'; readonly low: number; readonly high: number; readonly scaling: Scaling }
  | { readonly kind: 'categorical'; readonly values: readonly string[] };

export type Scaling = 'auto' | 'linear' | 'logarithmic' | 'reverseLogarithmic';

export interface Training {
  /** Exactly one of `framework` (with source and entryPoint), `image`, `algorithm` and `artifact`. */
  readonly framework?: Framework;
  readonly source?: string;
  readonly entryPoint?: string;
  /** `repository:tag`, pinned to a digest at admission. */
  readonly image?: string;
  /** One of SageMaker's own, on numeric features. */
  readonly algorithm?: Algorithm;
  /** A model that was trained elsewhere: its archive or folder, relative to model.yaml. `framework` or `serving.image` serves it. */
  readonly artifact?: string;
  readonly instance: { readonly types: readonly string[]; readonly count: number; readonly volumeGb: number };
  readonly spot: boolean;
  readonly maxRuntimeMinutes: number;
  /** How long a spot job may take with its waits for instances; absent without spot. */
  readonly maxWaitMinutes?: number;
  /** `fastFile` streams the training channel instead of copying it first. Absent: `file`. */
  readonly inputMode?: 'file' | 'fastFile';
  readonly hyperparameters: Readonly<Record<string, string | number | boolean>>;
  readonly tuning?: Tuning;
}

export interface Gate {
  /** Of METRICS, `latencyMsPerRow`, `artifactMb`, or `custom:NAME` from the training's metrics.json. */
  readonly metric: string;
  readonly atLeast?: number;
  /** For measures that are better when lower (`rmse`, `logLoss`). */
  readonly atMost?: number;
  readonly versusChampion?: 'notWorse' | 'better';
  readonly margin?: number;
  readonly confidence?: number;
  readonly slice?: string;
  readonly minRows?: number;
}

/** How much decisions may differ between the groups of an attribute. */
export interface FairnessGate {
  readonly attribute: string;
  readonly metric: 'disparate-impact' | 'equal-opportunity-difference';
  /** Of `disparate-impact`. */
  readonly atLeast?: number;
  /** Of `equal-opportunity-difference`. */
  readonly atMost?: number;
  /** Of a group that counts. */
  readonly minRows: number;
  readonly confidence: number;
}

export interface Monitoring {
  readonly windowHours: number;
  readonly capture: {
    readonly fraction: number;
    /** Features whose values are in no export, report or mail; captures and counts have them. */
    readonly redact: readonly string[];
    readonly retainDays: number;
  };
  readonly drift: {
    readonly effect: number;
    readonly falseDiscoveryRate: number;
    readonly persistence: { readonly windows: number; readonly of: number };
    readonly exclude: readonly string[];
    /** `calibrated`: at least what the feature moved by between stretches of the training period itself. */
    readonly thresholds?: 'fixed' | 'calibrated';
  };
  /** Outcomes of a window are taken for complete so long after its end. */
  readonly labels: { readonly completeAfterDays: number };
  readonly quality: readonly QualityGate[];
  /** Days after the upload of its data from which a model that serves is an incident; absent: never. */
  readonly staleAfterDays?: number;
  /** How often the last versions are held against the same recent predictions; absent: only when somebody asks. */
  readonly stalenessEveryDays?: number;
  /** `retrain`: drift that lasts asks the governor as well. */
  readonly onDrift: 'alert' | 'retrain';
  /** Absent in definitions read by earlier code: nothing is retrained by itself. */
  readonly retrain?: RetrainPolicy;
}

/** What of retraining a model's owner allows. */
export interface RetrainPolicy {
  /** When the governor is asked without an incident, UTC: every midnight, Mondays, or the first of the month. */
  readonly schedule: 'none' | 'daily' | 'weekly' | 'monthly';
  /** Hours from the end of a retraining to the next. */
  readonly cooldownHours: number;
  /** Retrainings in any seven days. */
  readonly maxPerWeek: number;
  /** Spent by retrainings in a calendar month (UTC), US dollars. */
  readonly monthlyBudgetUsd: number;
  /** What counts as labelled rows: datasets that people upload, or also captured predictions whose labels they upload. */
  readonly rows: 'uploads' | 'captures';
}

/** What a window's labelled predictions must reach; one of `atLeast` and `atMost`. */
export interface QualityGate {
  readonly metric: string;
  readonly atLeast?: number;
  /** For measures that are better when lower. */
  readonly atMost?: number;
  /** Labelled predictions below which nothing is judged. */
  readonly minRows: number;
}

/** What each decision is worth once its outcome is known, in one currency. Costs are positive numbers. */
export interface Business {
  readonly truePositiveValue: number;
  readonly falsePositiveCost: number;
  readonly falseNegativeCost: number;
  readonly trueNegativeValue: number;
  /** ISO 4217. */
  readonly currency: string;
}
