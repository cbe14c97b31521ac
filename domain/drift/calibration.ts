import { type Baseline, profileOver } from './baseline.ts';
import { type FeatureMeasures, measureFeature } from './measures.ts';
import type { ProfileBuilder, Value } from './profile-builder.ts';
import { LEAST_ROWS, type NaturalEffects } from './verdict.ts';

/** Stretches that the training period is cut into, where it has the rows. */
const CHUNKS = 10;

/** What each feature moved by within the training period. */
export interface Calibration {
  /** Stretches that were compared. */
  readonly chunks: number;
  /** By feature, the largest effect that a stretch showed against the whole period. */
  readonly effects: ReadonlyMap<string, NaturalEffects>;
}

/**
 * Cuts training rows, which arrive in order of time, into stretches of equal length and holds each against the whole.
 *
 * Real traffic is not drawn anew every day: calendar and macro columns move inside the training period too, and a threshold below
 * what they moved by there only repeats it. A stretch has at least 200 rows; with fewer than two stretches nothing is learnt.
 */
export class CalibrationBuilder {
  readonly #baseline: Baseline;
  readonly #rowsPerChunk: number;
  readonly #chunks: number;
  readonly #effects = new Map<string, NaturalEffects>();
  #chunk: ProfileBuilder;
  #measured = 0;

  /** @param baseline of all the rows that will follow */
  constructor(baseline: Baseline) {
    this.#baseline = baseline;
    this.#chunks = Math.min(CHUNKS, Math.floor(baseline.rows / LEAST_ROWS));
    this.#rowsPerChunk = Math.max(LEAST_ROWS, Math.ceil(baseline.rows / Math.max(1, this.#chunks)));
    this.#chunk = profileOver(baseline);
  }

  /** @param features one value per feature in declared order */
  row(features: readonly Value[]): void {
    this.#chunk.row(features, undefined);
    if (this.#chunk.profile.rows >= this.#rowsPerChunk) this.#close();
  }

  /** @returns undefined where the rows do not make two stretches */
  finish(): Calibration | undefined {
    // The last stretch may be a few rows short of the others; below 200 rows chance would speak.
    if (this.#chunk.profile.rows >= LEAST_ROWS) this.#close();
    return this.#measured < 2 ? undefined : { chunks: this.#measured, effects: this.#effects };
  }

  #close(): void {
    const { features } = this.#chunk.profile;
    for (const feature of this.#baseline.features) {
      const effects = effectsOf(measureFeature(feature, features.get(feature.name)!));
      this.#effects.set(feature.name, largest(this.#effects.get(feature.name), effects));
    }
    this.#measured += 1;
    this.#chunk = profileOver(this.#baseline);
  }
}

const effectsOf = ({ distribution, missing }: FeatureMeasures): NaturalEffects => ({
  psi: distribution?.psi ?? 0,
  ks: distribution?.ks?.lower ?? 0,
  cramersV: distribution?.cramersVCorrected ?? 0,
  missing: Math.abs((missing.current ?? 0) - (missing.baseline ?? 0)),
});

const largest = (a: NaturalEffects | undefined, b: NaturalEffects): NaturalEffects =>
  a === undefined
    ? b
    : {
        psi: Math.max(a.psi, b.psi),
        ks: Math.max(a.ks, b.ks),
        cramersV: Math.max(a.cramersV, b.cramersV),
        missing: Math.max(a.missing, b.missing),
      };
