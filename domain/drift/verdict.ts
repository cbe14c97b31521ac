import { benjaminiHochberg } from './adjusted-p-values.ts';
import type { FeatureMeasures } from './measures.ts';
import { rankFeatures } from './ranking.ts';
import { chiSquareQuantile } from './special-functions.ts';

/** `InsufficientData` is never "no drift". */
export type Verdict = 'Stable' | 'Drifted' | 'InsufficientData';

/** Fewer current rows than this are not judged; their counts go on accumulating. */
export const LEAST_ROWS = 200;

/** Names what predictions are judged as, beside the features: no feature's name begins so. */
export const PREDICTION = '(prediction)';

/** Effects that a feature reached within its own training period: what moves by itself is no news. */
export interface NaturalEffects {
  readonly psi: number;
  readonly ks: number;
  readonly cramersV: number;
  readonly missing: number;
}

export interface DriftPolicy {
  /** Least effect that matters: D, PSI (nats), Cramér's V, difference of missing rates. */
  readonly effect: number;
  /** Benjamini–Hochberg level over all judged features. */
  readonly falseDiscoveryRate: number;
  /** Features that are measured and never judged: calendar columns move by themselves. */
  readonly exclude: readonly string[];
}

/** A number that can be read on its own. */
export interface Measure {
  readonly statistic: 'psi' | 'ks-lower' | 'cramers-v-corrected' | 'missing-rate-difference';
  readonly value: number;
  /** Which way is worse. */
  readonly direction: 'higher is further';
  readonly threshold: number;
  readonly baselineRows: number;
  readonly currentRows: number;
}

export interface FeatureVerdict {
  readonly name: string;
  readonly type: 'numeric' | 'categorical';
  readonly verdict: Verdict;
  /** At least half the effect, significantly: worth a look, nobody is told. */
  readonly warning: boolean;
  readonly excluded: boolean;
  /** Effect relative to its threshold; 1 is on it. 0 where nothing could be measured. */
  readonly strength: number;
  /** Null where nothing was tested. */
  readonly pValue: number | null;
  readonly qValue: number | null;
  readonly measures: readonly Measure[];
}

export interface ModelVerdict {
  readonly verdict: Verdict;
  readonly why: string;
  /** As rankFeatures puts them: what moved most first. */
  readonly features: readonly FeatureVerdict[];
}

/**
 * The threshold of PSI: the least effect, or what sampling alone exceeds in one of a hundred windows where that is more.
 *
 * Where nothing moved, PSI is distributed as χ²(B − 1) · (1/n + 1/m).
 *
 * @param bins B, that hold a row
 * @param n baseline rows with a value
 * @param m current rows with a value
 * @see Yurdakul & Naranjo (2020), J. Risk Model Validation 14
 */
export const psiThreshold = (effect: number, bins: number, n: number, m: number): number =>
  Math.max(effect, chiSquareQuantile(0.01, bins - 1) * (1 / n + 1 / m));

/** One-sided 99 % of a normal deviate. */
const SURE_OF_HOLD_OUT = 2.326;

/**
 * The threshold of D for predictions, whose baseline is a hold-out and may be small: the least effect, and what the hold-out's own
 * sample may be off by where D is taken (a share has a standard error of at most ½/√n). That is the same in every window, so
 * persistence cannot tell it from drift; what one window is off by, it can.
 *
 * @param n predictions of the hold-out
 */
export const predictionKsThreshold = (effect: number, n: number): number =>
  effect + (SURE_OF_HOLD_OUT * 0.5) / Math.sqrt(n);

/**
 * Judges every feature, and the model.
 *
 * A feature has drifted where its effect is large enough to matter (numeric: D or PSI; categorical: PSI and the corrected
 * Cramér's V, both; either: the share of missing values) and the difference is significant, with the false discovery rate
 * controlled over all judged features. A feature's p-value is Bonferroni's over its own tests.
 *
 * @param measured every feature of the model
 * @param coverage share of invocations that was captured, relative to what was to be captured; undefined where unknown
 * @param coverageFloor below it nothing is judged
 * @param natural by feature, what it moved by within training: thresholds are not below it
 */
export function judge(
  measured: readonly FeatureMeasures[],
  policy: DriftPolicy,
  coverage?: number,
  coverageFloor = 0.8,
  natural: ReadonlyMap<string, NaturalEffects> = new Map(),
): ModelVerdict {
  const excluded = new Set(policy.exclude);
  const assessed = measured.map((feature) => assess(feature, policy.effect, natural.get(feature.name)));
  const tested = assessed.filter(({ name, pValue }) => pValue !== null && !excluded.has(name));
  const q = new Map(
    benjaminiHochberg(tested.map(({ pValue }) => pValue!)).map((value, i) => [tested[i]!.name, value] as const),
  );
  const covered = coverage === undefined || coverage >= coverageFloor;
  const concluded = assessed.map((feature) =>
    conclude(feature, q.get(feature.name) ?? null, excluded.has(feature.name), covered, policy),
  );
  const features = rankFeatures(concluded, policy.effect);
  return { ...modelVerdict(measured, features, coverage, covered), features };
}

type Assessment = Omit<FeatureVerdict, 'verdict' | 'warning' | 'excluded' | 'qValue'>;

/** Effects, thresholds and the p-value of one feature. */
function assess(feature: FeatureMeasures, effect: number, natural?: NaturalEffects): Assessment {
  const { name, type, missing, distribution } = feature;
  const strengths: number[] = [];
  const pValues: number[] = [];
  const measures: Measure[] = [];
  const measure = (statistic: Measure['statistic'], value: number, threshold: number, valid: boolean): number => {
    const baselineRows = valid ? feature.baselineValid : feature.baselineRows;
    const currentRows = valid ? feature.currentValid : feature.currentRows;
    measures.push({ statistic, value, direction: 'higher is further', threshold, baselineRows, currentRows });
    return value / threshold;
  };
  if (feature.currentRows < LEAST_ROWS) return { name, type, strength: 0, pValue: null, measures };
  if (distribution && feature.currentValid >= LEAST_ROWS) {
    const threshold = psiThreshold(effect, distribution.bins, feature.baselineValid, feature.currentValid);
    const psi = measure('psi', distribution.psi, Math.max(threshold, natural?.psi ?? 0), true);
    pValues.push(distribution.chiSquarePooled.pValue);
    if (distribution.ks) {
      const bar = name === PREDICTION ? predictionKsThreshold(effect, feature.baselineValid) : effect;
      strengths.push(Math.max(psi, measure('ks-lower', distribution.ks.lower, Math.max(bar, natural?.ks ?? 0), true)));
      pValues.push(distribution.ks.pValue);
    } else {
      const least = Math.max(effect, natural?.cramersV ?? 0);
      const v = measure('cramers-v-corrected', distribution.cramersVCorrected, least, true);
      strengths.push(Math.min(psi, v));
    }
  }
  if (missing.pValue !== null && (missing.baseline! > 0 || missing.current! > 0)) {
    const difference = Math.abs(missing.current! - missing.baseline!);
    strengths.push(measure('missing-rate-difference', difference, Math.max(effect, natural?.missing ?? 0), false));
    pValues.push(missing.pValue);
  }
  const pValue = pValues.length === 0 ? null : Math.min(1, Math.min(...pValues) * pValues.length);
  return { name, type, strength: Math.max(0, ...strengths), pValue, measures };
}

function conclude(
  feature: Assessment,
  qValue: number | null,
  excluded: boolean,
  covered: boolean,
  policy: DriftPolicy,
): FeatureVerdict {
  const significant = covered && qValue !== null && qValue < policy.falseDiscoveryRate;
  const drifted = significant && feature.strength >= 1;
  // A feature whose values were too few is stable only in what was measured, which is not a verdict on the feature.
  const measured = covered && feature.measures.some(({ statistic }) => statistic === 'psi');
  return {
    ...feature,
    qValue,
    excluded,
    verdict: drifted ? 'Drifted' : measured ? 'Stable' : 'InsufficientData',
    warning: significant && feature.strength >= 0.5,
  };
}

function modelVerdict(
  measured: readonly FeatureMeasures[],
  features: readonly FeatureVerdict[],
  coverage: number | undefined,
  covered: boolean,
): Pick<ModelVerdict, 'verdict' | 'why'> {
  const rows = measured.reduce((most, { currentRows }) => Math.max(most, currentRows), 0);
  if (rows < LEAST_ROWS) {
    return { verdict: 'InsufficientData', why: `${rows} rows; at least ${LEAST_ROWS} are needed to judge` };
  }
  if (!covered) {
    const share = `${Math.round((coverage ?? 0) * 100)} %`;
    return { verdict: 'InsufficientData', why: `${share} of what was to be captured was found; nothing is judged` };
  }
  const judged = features.filter(({ excluded }) => !excluded);
  const drifted = judged.filter(({ verdict }) => verdict === 'Drifted');
  if (drifted.length > 0) {
    const names = drifted.map(({ name }) => name).join(', ');
    return { verdict: 'Drifted', why: `${drifted.length} of ${judged.length} features moved: ${names}` };
  }
  if (!judged.some(({ verdict }) => verdict === 'Stable')) {
    return { verdict: 'InsufficientData', why: 'no feature has enough values to judge' };
  }
  return { verdict: 'Stable', why: `${judged.length} features within their thresholds over ${rows} rows` };
}
