import { SCORE_EDGES } from '../../domain/drift/baseline.ts';
import { type FeatureMeasures, measureFeature } from '../../domain/drift/measures.ts';
import type { CheckedWindow } from '../../domain/drift/persistence.ts';
import { predictionBaseline } from '../../domain/drift/prediction.ts';
import type { NumericProfile } from '../../domain/drift/profile.ts';
import { emptyNumeric } from '../../domain/drift/profile.ts';
import { judge, LEAST_ROWS } from '../../domain/drift/verdict.ts';
import { seededRandom } from '../../domain/evaluation/random.ts';
import { calibrated, estimateQuality, type ScoreOutcomes } from '../../domain/quality/estimate.ts';
import { type EstimateRow, estimateRow } from '../../domain/quality/estimate-finding.ts';
import { type RandomState, randomFromState } from '../captures/random.ts';
import { type CountsDrawer, countsDrawer, drawCount } from './draw-counts.ts';
import { Incidents, PERSISTENCE } from './incidents.ts';
import { screenOf } from './screen.ts';
import { datesOf, POLICY, Watch } from './simulate.ts';
import { numberChances, profileOf, seasonOf } from './traffic.ts';

/** Scores are the logistic of a normal number of this mean and deviation, and come true as often as they say. */
const CENTRE = -1;
const SPREAD = 1.2;
const HOLD_OUT_ROWS = 2_000;
/** Of its model. */
const FEATURES = 35;
const THRESHOLD = 0.5;
/** Loss of AUC, in expectation, from which the whole estimate is asked for; below the detector's own bar. */
const NEAR = 0.049;

/** What is wrong with scores: higher, in standard deviations; or nearer to each other. */
export interface ScoreFault {
  readonly higher?: number;
  readonly spread?: number;
}

/** A hold-out, and the windows that go on like it. */
export class ScoreTraffic {
  readonly holdOut: ScoreOutcomes;
  readonly baseline: ReturnType<typeof predictionBaseline>;
  readonly mayDrift: ReturnType<typeof screenOf>;
  /** Features that do not move, which a p-value is adjusted for as well. */
  readonly beside: readonly FeatureMeasures[];
  readonly #chance: readonly number[];
  readonly #onHoldOut: number;
  readonly #drawers = new Map<string, readonly CountsDrawer[]>();

  constructor(state: RandomState) {
    const random = randomFromState(state);
    const rows = new Int32Array(SCORE_EDGES.length + 1);
    const ofDay = new Int32Array(rows.length);
    for (const drawer of this.drawers({})) {
      drawer.draw(Math.round(HOLD_OUT_ROWS / 7), state, ofDay);
      ofDay.forEach((count, bin) => {
        rows[bin]! += count;
      });
    }
    const positives = [...rows].map((count, bin) => drawCount(count, (bin + 0.5) / rows.length, random));
    this.holdOut = { edges: SCORE_EDGES, rows: [...rows], positives };
    this.baseline = predictionBaseline(profileOf(emptyNumeric(SCORE_EDGES), rows) as NumericProfile);
    const still = measureFeature(this.baseline, this.baseline.profile);
    this.beside = Array.from({ length: FEATURES }, (_, i) => ({ ...still, name: `f${i}` }));
    this.mayDrift = screenOf([this.baseline], POLICY);
    this.#chance = calibrated(this.holdOut);
    this.#onHoldOut = expectedAuc(this.holdOut.rows, this.#chance);
  }

  /** By day of the week. */
  drawers({ higher = 0, spread = 1 }: ScoreFault): readonly CountsDrawer[] {
    const key = `${higher} ${spread}`;
    const edges = SCORE_EDGES.map((score) => (Math.log(score / (1 - score)) - CENTRE) / SPREAD / spread);
    const known =
      this.#drawers.get(key) ??
      Array.from({ length: 7 }, (_, day) => countsDrawer(numberChances(edges, seasonOf(day), 0, higher)));
    this.#drawers.set(key, known);
    return known;
  }

  /** AUC that is lost in expectation, as the estimate has it. */
  lost(counts: ArrayLike<number>): number {
    return this.#onHoldOut - expectedAuc(counts, this.#chance);
  }
}

function expectedAuc(counts: ArrayLike<number>, chance: readonly number[]): number {
  let [ordered, positives, negatives] = [0, 0, 0];
  for (let bin = 0; bin < counts.length; bin++) {
    const positive = counts[bin]! * chance[bin]!;
    const negative = counts[bin]! - positive;
    ordered += positive * (negatives + negative / 2);
    positives += positive;
    negatives += negative;
  }
  return ordered / (positives * negatives);
}

/** Days on which people were told, by detector. */
export interface ToldOfScores {
  readonly estimate: readonly number[];
  readonly prediction: readonly number[];
}

/** @param rows by day; days with too few lend theirs to the next */
export function watchScores(
  traffic: ScoreTraffic,
  rows: readonly number[],
  state: RandomState,
  fault?: ScoreFault & { readonly from: number },
): ToldOfScores {
  const told = { estimate: [] as number[], prediction: [] as number[] };
  const [watch, incidents] = [new Watch(), new Incidents()];
  const counts = new Int32Array(SCORE_EDGES.length + 1);
  let before: { readonly estimate?: EstimateRow }[] = [];
  let carried = 0;
  rows.forEach((ofDay, day) => {
    carried += ofDay;
    if (carried < LEAST_ROWS) return;
    traffic.drawers(fault && day >= fault.from ? fault : {})[day % 7]!.draw(carried, state, counts);
    carried = 0;
    if (watch.take(judgeScores(traffic, counts, day))) told.prediction.push(day);
    const estimate = estimateOn(traffic, counts, day, before);
    before = [...before, { estimate }].slice(-PERSISTENCE.of);
    const over = estimate.dropped.length === 0;
    if (incidents.take({ found: estimate.persistent.length > 0, over })) told.estimate.push(day);
  });
  return told;
}

function judgeScores({ baseline, beside, mayDrift }: ScoreTraffic, counts: Int32Array, day: number): CheckedWindow {
  if (!mayDrift([counts])) return { ...datesOf(day), verdict: 'Stable', drifted: [], warning: false };
  const { verdict, features } = judge(
    [measureFeature(baseline, profileOf(baseline.profile, counts)), ...beside],
    POLICY,
  );
  const drifted = features.filter((one) => one.verdict === 'Drifted').map(({ name }) => name);
  return { ...datesOf(day), verdict, drifted, warning: features.some(({ warning }) => warning) };
}

const NO_LOSS: EstimateRow = { rows: 0, metrics: {}, dropped: [], persistent: [] };

function estimateOn(
  traffic: ScoreTraffic,
  counts: Int32Array,
  day: number,
  before: readonly { readonly estimate?: EstimateRow }[],
): EstimateRow {
  if (traffic.lost(counts) < NEAR) return NO_LOSS;
  const estimate = estimateQuality(traffic.holdOut, [...counts], THRESHOLD, seededRandom(day + 1));
  return estimate ? estimateRow(estimate, [], before, PERSISTENCE) : NO_LOSS;
}
