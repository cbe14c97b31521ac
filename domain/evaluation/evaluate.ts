import type { ModelDefinition, Problem } from '../model-definition.ts';
import type { GateResult, HoldOut } from '../step-results.ts';
import type { HashFraction } from '../tabular/split-dataset.ts';
import { type ChangedDecisions, changedDecisions } from './changed-decisions.ts';
import { rowsUnseenByBoth } from './compare.ts';
import { type FairnessResult, judgeFairness } from './fairness.ts';
import {
  type ChampionEvidence,
  type Evidence,
  judgeGate,
  MIN_COMPARED_ROWS,
  type NotComparableBecause,
} from './gates.ts';
import { gatesPass } from './gates-pass.ts';
import type { Importance } from './importance.ts';
import { differencesOf, type Intervals, intervalsOf } from './intervals.ts';
import { measureAll, undefinedMeasures } from './measure.ts';
import { FIRST_METRIC } from './metric-names.ts';
import { type Operation, reportedOf } from './operation.ts';
import { type Plots, plotsOf } from './plots.ts';
import type { HoldOutLabels } from './predictions.ts';
import { type Sample, subsample } from './sample.ts';
import { measureSlices, type SliceResult, type SlicesLeftOut } from './slices.ts';
import type { UndefinedBecause } from './undefined-measure.ts';

/** What an evaluation starts from. */
export interface EvaluationInput {
  readonly definition: ModelDefinition;
  readonly labels: HoldOutLabels;
  readonly candidate: Sample;
  readonly holdOut: HoldOut | undefined;
  readonly champion:
    | { readonly kind: 'none' }
    | { readonly kind: 'otherFeatures'; readonly version: number }
    | {
        readonly kind: 'scored';
        readonly version: number;
        readonly sample: Sample;
        readonly holdOut: HoldOut | undefined;
      };
  /** What it takes to run both, as far as it was measured. */
  readonly operation?: Operation;
  /** What the training program reported, by name. */
  readonly custom?: Readonly<Record<string, number>>;
  readonly importance?: Importance;
  /** The same seed gives the same evaluation. */
  readonly seed: number;
  readonly hashFraction: HashFraction;
}

/** The evaluation document, as `evaluation.json` keeps it. */
export interface Evaluation {
  readonly schema: 'launchway/evaluation/v1';
  readonly rows: number;
  /** Binary classification only. */
  readonly positives?: number;
  readonly threshold: number;
  readonly seed: number;
  readonly candidate: {
    readonly metrics: Readonly<Record<string, number>>;
    /** Of the measure that people read first. */
    readonly standardErrors: Readonly<Record<string, number>>;
    /** 95 %, of every measure. Absent in evaluations of before, as all that may be absent below. */
    readonly intervals?: Intervals;
    /** Measures without a value here, and why. */
    readonly undefined?: Readonly<Record<string, UndefinedBecause>>;
  };
  readonly champion?: {
    readonly version: number;
    readonly rows: number;
    /** Both on the rows that neither was trained on. */
    readonly metrics: Readonly<Record<string, number>>;
    readonly candidateMetrics: Readonly<Record<string, number>>;
    readonly intervals?: Intervals;
    /** candidate − champion, on the same rows. */
    readonly differences?: Intervals;
  };
  readonly notComparable?: string;
  readonly notComparableBecause?: NotComparableBecause;
  readonly changedDecisions?: ChangedDecisions;
  readonly slices: readonly SliceResult[];
  readonly slicesLeftOut?: readonly SlicesLeftOut[];
  readonly fairness?: readonly FairnessResult[];
  readonly plots?: Plots;
  readonly operation?: Operation;
  readonly custom?: Readonly<Record<string, number>>;
  readonly importance?: Importance;
  readonly gates: readonly GateResult[];
  readonly passed: boolean;
}

/** Measures a candidate on its hold-out, compares it with what serves, and judges every gate. */
export function evaluate(input: EvaluationInput): Evaluation {
  const { definition, candidate, labels, seed } = input;
  const { problem } = definition;
  const champion = compare(input);
  const { operation, custom, importance } = input;
  const reported = reportedOf(operation, custom);
  const evidence: Evidence = { problem, candidate, champion, attributes: labels.attributes, seed, reported };
  const fairness = definition.validation.fairness.map((gate) =>
    judgeFairness(gate, problem, candidate, labels.attributes.get(gate.attribute) ?? [], seed),
  );
  const gates = [
    ...definition.validation.gates.map((gate) => judgeGate(gate, evidence)),
    ...fairness.map(({ gate }) => gate),
  ];
  const isBinary = problem.type === 'binary-classification';
  const metrics = measureAll(candidate, problem);
  const intervals = intervalsOf(candidate, problem, seed);
  const first = intervals[FIRST_METRIC[problem.type]];
  return {
    schema: 'launchway/evaluation/v1',
    rows: candidate.truth.length,
    ...(isBinary && { positives: candidate.truth.reduce((sum, truth) => sum + truth, 0) }),
    threshold: problem.decisionThreshold,
    seed,
    candidate: {
      metrics,
      standardErrors: first ? { [FIRST_METRIC[problem.type]]: first.standardError } : {},
      intervals,
      undefined: undefinedMeasures(candidate, problem, metrics),
    },
    ...(champion.kind === 'comparable' && { champion: championMeasured(champion, problem, seed) }),
    ...(champion.kind === 'notComparable' && {
      notComparable: champion.why,
      notComparableBecause: champion.reason,
    }),
    ...(problem.type !== 'regression' &&
      input.champion.kind === 'scored' && {
        changedDecisions: changedDecisions(candidate, input.champion.sample, problem, labels.attributes),
      }),
    ...measureSlices(candidate, problem, labels.attributes),
    fairness: fairness.flatMap(({ result }) => (result ? [result] : [])),
    plots:
      champion.kind === 'comparable'
        ? plotsOf(champion.candidate, champion.champion, problem, seed)
        : plotsOf(candidate, undefined, problem, seed),
    ...(operation && { operation }),
    ...(custom && { custom }),
    ...(importance && { importance }),
    gates,
    passed: gatesPass(gates),
  };
}

const championMeasured = (
  { version, candidate, champion }: Extract<ChampionEvidence, { kind: 'comparable' }>,
  problem: Problem,
  seed: number,
): NonNullable<Evaluation['champion']> => ({
  version,
  rows: champion.truth.length,
  metrics: measureAll(champion, problem),
  candidateMetrics: measureAll(candidate, problem),
  intervals: intervalsOf(champion, problem, seed),
  differences: differencesOf(candidate, champion, problem, seed),
});

function compare({
  definition,
  labels,
  candidate,
  holdOut,
  champion,
  hashFraction,
}: EvaluationInput): ChampionEvidence {
  if (champion.kind === 'none') return { kind: 'none' };
  const { version } = champion;
  const notComparable = (reason: NotComparableBecause, why: string): ChampionEvidence => ({
    kind: 'notComparable',
    version,
    reason,
    why,
  });
  if (champion.kind === 'otherFeatures') {
    return notComparable('OtherFeatures', `Version ${version} reads other features and cannot answer these rows.`);
  }
  const unseen = rowsUnseenByBoth(definition.model, labels.rowIds, holdOut, champion.holdOut, hashFraction);
  if ('why' in unseen) return notComparable(unseen.reason, unseen.why);
  if (unseen.rows.length < MIN_COMPARED_ROWS) {
    return notComparable(
      'TooFewSharedRows',
      `Only ${unseen.rows.length} rows were seen by neither model; ${MIN_COMPARED_ROWS} are needed.`,
    );
  }
  return {
    kind: 'comparable',
    version,
    candidate: subsample(candidate, unseen.rows),
    champion: subsample(champion.sample, unseen.rows),
  };
}
