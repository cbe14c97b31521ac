import type { ModelDefinition } from '../model-definition.ts';
import type { GateResult, HoldOut } from '../release.ts';
import type { HashFraction } from '../tabular/split-dataset.ts';
import { bootstrap, standardError } from './bootstrap.ts';
import { type ChangedDecisions, changedDecisions, rowsUnseenByBoth } from './compare.ts';
import { judgeFairness } from './fairness.ts';
import {
  type ChampionEvidence,
  type Evidence,
  gatesPass,
  judgeGate,
  MIN_COMPARED_ROWS,
  measureSlices,
  type SliceResult,
} from './gates.ts';
import { measureAll, metricNamed } from './measure.ts';
import { FIRST_METRIC } from './metric-names.ts';
import type { HoldOutLabels } from './predictions.ts';
import { seededRandom } from './random.ts';
import { type Sample, subsample } from './sample.ts';

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
    readonly standardErrors: Readonly<Record<string, number>>;
  };
  readonly champion?: {
    readonly version: number;
    readonly rows: number;
    /** Both on the rows that neither was trained on. */
    readonly metrics: Readonly<Record<string, number>>;
    readonly candidateMetrics: Readonly<Record<string, number>>;
  };
  readonly notComparable?: string;
  readonly changedDecisions?: ChangedDecisions;
  readonly slices: readonly SliceResult[];
  readonly gates: readonly GateResult[];
  readonly passed: boolean;
}

/** Measures a candidate on its hold-out, compares it with what serves, and judges every gate. */
export function evaluate(input: EvaluationInput): Evaluation {
  const { definition, candidate, labels, seed } = input;
  const { problem } = definition;
  const champion = compare(input);
  const evidence: Evidence = { problem, candidate, champion, attributes: labels.attributes, seed };
  const gates = [
    ...definition.validation.gates.map((gate) => judgeGate(gate, evidence)),
    ...definition.validation.fairness.map((gate) =>
      judgeFairness(gate, problem, candidate, labels.attributes.get(gate.attribute) ?? [], seed),
    ),
  ];
  const isBinary = problem.type === 'binary-classification';
  return {
    schema: 'launchway/evaluation/v1',
    rows: candidate.truth.length,
    ...(isBinary && { positives: candidate.truth.reduce((sum, truth) => sum + truth, 0) }),
    threshold: problem.decisionThreshold,
    seed,
    candidate: { metrics: measureAll(candidate, problem), standardErrors: standardErrors(input) },
    ...(champion.kind === 'comparable' && {
      champion: {
        version: champion.version,
        rows: champion.champion.truth.length,
        metrics: measureAll(champion.champion, problem),
        candidateMetrics: measureAll(champion.candidate, problem),
      },
    }),
    ...(champion.kind === 'notComparable' && { notComparable: champion.why }),
    ...(isBinary &&
      input.champion.kind === 'scored' && {
        changedDecisions: changedDecisions(candidate, input.champion.sample, problem.decisionThreshold),
      }),
    slices: measureSlices(evidence),
    gates,
    passed: gatesPass(gates),
  };
}

/** Of the metric that people read first. */
function standardErrors({ definition: { problem }, candidate, seed }: EvaluationInput): Record<string, number> {
  const name = FIRST_METRIC[problem.type];
  const metric = metricNamed(name, problem.type);
  const replicates = bootstrap(
    candidate.truth.length,
    (weights) => metric(candidate, weights, problem),
    seededRandom(seed),
    500,
  );
  const error = standardError(replicates);
  return Number.isFinite(error) ? { [name]: error } : {};
}

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
  const notComparable = (why: string): ChampionEvidence => ({ kind: 'notComparable', version, why });
  if (champion.kind === 'otherFeatures') {
    return notComparable(`Version ${version} reads other features and cannot answer these rows.`);
  }
  const unseen = rowsUnseenByBoth(definition.model, labels.rowIds, holdOut, champion.holdOut, hashFraction);
  if ('why' in unseen) return notComparable(unseen.why);
  if (unseen.rows.length < MIN_COMPARED_ROWS) {
    return notComparable(
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
