import { type Decisions, mergeDecisions } from './decisions.ts';
import {
  addCategories,
  expectSameEdges,
  type FeatureProfile,
  mergeMoments,
  type NumericProfile,
  type Profile,
} from './profile.ts';

/** A sum of many profiles: what mergeProfiles gives one by one, to the last bit, without a copy of all bins for each. */
export class ProfileSum {
  #rows: number;
  readonly #features: Map<string, FeatureProfile>;
  #prediction: NumericProfile | undefined;
  #decisions: Decisions | undefined;

  /** @param from where the sum begins, such as emptyProfile; it stays as it is */
  constructor(from: Profile) {
    this.#rows = from.rows;
    this.#features = new Map([...from.features].map(([name, feature]) => [name, copyOf(feature)]));
    this.#prediction = from.prediction && copyOf(from.prediction);
    this.#decisions = from.decisions;
  }

  /** @throws {RangeError} the profile has other features, kinds or edges: it was made with another baseline */
  add({ rows, features, prediction, decisions }: Profile): void {
    if (features.size !== this.#features.size)
      throw new RangeError(`expected the same features, got ${this.#features.size} and ${features.size}`);
    for (const [name, feature] of this.#features) this.#features.set(name, sumOf(name, feature, features.get(name)));
    if (prediction)
      this.#prediction = this.#prediction ? sumOfNumbers(this.#prediction, prediction) : copyOf(prediction);
    if (decisions) this.#decisions = this.#decisions ? mergeDecisions(this.#decisions, decisions) : decisions;
    this.#rows += rows;
  }

  /** The sum so far, as a copy. */
  profile(): Profile {
    return {
      rows: this.#rows,
      features: new Map([...this.#features].map(([name, feature]) => [name, copyOf(feature)])),
      ...(this.#prediction && { prediction: copyOf(this.#prediction) }),
      ...(this.#decisions && { decisions: { ...this.#decisions, counts: [...this.#decisions.counts] } }),
    };
  }
}

const copyOf = <Kind extends FeatureProfile>(feature: Kind): Kind =>
  feature.kind === 'numeric'
    ? { ...feature, counts: [...feature.counts] }
    : { ...feature, counts: new Map(feature.counts) };

function sumOf(name: string, sum: FeatureProfile, part: FeatureProfile | undefined): FeatureProfile {
  if (sum.kind === 'numeric' && part?.kind === 'numeric') return sumOfNumbers(sum, part);
  if (sum.kind === 'categorical' && part?.kind === 'categorical')
    return addCategories(sum.counts as Map<string, number>, sum, part);
  throw new RangeError(`expected feature ${JSON.stringify(name)} to be ${sum.kind} on both sides, got ${part?.kind}`);
}

function sumOfNumbers(sum: NumericProfile, part: NumericProfile): NumericProfile {
  expectSameEdges(sum, part);
  const counts = sum.counts as number[];
  for (let i = 0; i < counts.length; i++) counts[i]! += part.counts[i]!;
  return { ...mergeMoments(sum, part), counts };
}
