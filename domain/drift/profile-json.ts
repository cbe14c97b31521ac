import type { Baseline, BaselineFeature } from './baseline.ts';
import { CONFIDENCE_BINS, type Decisions } from './decisions.ts';
import type { CategoricalProfile, FeatureProfile, NumericProfile, Profile } from './profile.ts';
import type { Edges } from './quantile.ts';
import type { NaturalEffects } from './verdict.ts';

/** Profiles as stored. Categories are pairs, never members, so `__proto__` is a category like any other. */
const PROFILE_SCHEMA = 'launchway/profile/v1';
const BASELINE_SCHEMA = 'launchway/baseline/v1';

/** A stored profile is of another schema or damaged. */
export class ProfileFormatError extends Error {
  override readonly name = 'ProfileFormatError';
}

type NumberText = number | 'Infinity' | '-Infinity' | 'NaN';

export interface StoredNumeric extends Omit<NumericProfile, 'edges' | 'sum' | 'sumError' | 'm2' | 'min' | 'max'> {
  readonly edges: readonly NumberText[];
  readonly sum: NumberText;
  readonly sumError: NumberText;
  readonly m2: NumberText;
  readonly min: NumberText;
  readonly max: NumberText;
}

type CountedCategory = readonly [category: string, count: number];

export interface StoredCategorical extends Omit<CategoricalProfile, 'counts' | 'known'> {
  /** Where `added` is there: of every category that the baseline names, 0 included. */
  readonly counts: readonly CountedCategory[];
  /** Of categories that the baseline does not name; absent in a baseline, in a part of an hour and in profiles of before. */
  readonly added?: readonly CountedCategory[];
}

export type StoredFeature = StoredNumeric | StoredCategorical;

interface StoredProfile {
  readonly schema: string;
  readonly rows: number;
  readonly features: readonly { readonly name: string; readonly profile: StoredFeature }[];
  readonly prediction?: StoredNumeric;
  readonly decisions?: Decisions;
}

interface StoredBaseline {
  readonly schema: string;
  readonly rows: number;
  readonly features: readonly {
    readonly name: string;
    readonly type: 'numeric' | 'categorical';
    readonly profile: StoredFeature;
    readonly deciles?: readonly NumberText[];
  }[];
  readonly prediction: { readonly edges: readonly NumberText[]; readonly classes?: number };
  readonly calibration?: {
    readonly chunks: number;
    readonly effects: readonly (readonly [feature: string, effects: NaturalEffects])[];
  };
}

/** JSON knows no infinities; they are written as text. */
const stored = (value: number): NumberText => (Number.isFinite(value) ? value : (String(value) as NumberText));
const restored = (value: NumberText): number => Number(value);

export function storeFeature(profile: FeatureProfile): StoredFeature {
  if (profile.kind === 'categorical') return storeCategories(profile);
  return {
    ...profile,
    edges: profile.edges.map(stored),
    sum: stored(profile.sum),
    sumError: stored(profile.sumError),
    m2: stored(profile.m2),
    min: stored(profile.min),
    max: stored(profile.max),
  };
}

const byName = (counts: Iterable<CountedCategory>): CountedCategory[] =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1));

function storeCategories({ known, counts, ...rest }: CategoricalProfile): StoredCategorical {
  if (!known) return { ...rest, counts: byName(counts) };
  return {
    ...rest,
    counts: byName([...known].map((category) => [category, counts.get(category) ?? 0])),
    added: byName([...counts].filter(([category]) => !known.has(category))),
  };
}

export function restoreCategories({ counts, added, ...rest }: StoredCategorical, known?: ReadonlySet<string>) {
  const names = added ? new Set(counts.map(([category]) => category)) : known;
  const counted = new Map<string, number>();
  for (const [category, count] of counts) if (count > 0) counted.set(category, count);
  for (const [category, count] of added ?? []) if (count > 0) counted.set(category, count);
  return { ...rest, ...(names && { known: names }), counts: counted };
}

export function restoreNumeric(profile: StoredNumeric, edges: Edges = profile.edges.map(restored)): NumericProfile {
  if (profile.counts.length !== edges.length + 1) {
    throw new ProfileFormatError(`expected ${edges.length + 1} counts, got ${profile.counts.length}`);
  }
  return {
    ...profile,
    edges,
    sum: restored(profile.sum),
    sumError: restored(profile.sumError),
    m2: restored(profile.m2),
    min: restored(profile.min),
    max: restored(profile.max),
  };
}

const restoreFeature = (profile: StoredFeature): FeatureProfile =>
  profile.kind === 'categorical' ? restoreCategories(profile) : restoreNumeric(profile);

/** @throws {ProfileFormatError} not as many counts as its classes have */
export function restoreDecisions(decisions: Decisions): Decisions {
  const expected = decisions.classes * CONFIDENCE_BINS;
  if (decisions.counts.length !== expected)
    throw new ProfileFormatError(`expected ${expected} counts of decisions, got ${decisions.counts.length}`);
  return decisions;
}

/** The profile as JSON text; equal profiles give equal text. */
export function profileToJson(profile: Profile): string {
  const document: StoredProfile = {
    schema: PROFILE_SCHEMA,
    rows: profile.rows,
    features: [...profile.features].map(([name, feature]) => ({ name, profile: storeFeature(feature) })),
    ...(profile.prediction && { prediction: storeFeature(profile.prediction) as StoredNumeric }),
    ...(profile.decisions && { decisions: profile.decisions }),
  };
  return JSON.stringify(document);
}

/** @throws {ProfileFormatError} another schema, or damaged */
export function profileFromJson(text: string): Profile {
  const document = parse<StoredProfile>(text, PROFILE_SCHEMA);
  return {
    rows: document.rows,
    features: new Map(document.features.map(({ name, profile }) => [name, restoreFeature(profile)])),
    ...(document.prediction && { prediction: restoreNumeric(document.prediction) }),
    ...(document.decisions && { decisions: restoreDecisions(document.decisions) }),
  };
}

/** The baseline as JSON text; equal baselines give equal text. */
export function baselineToJson(baseline: Baseline): string {
  const document: StoredBaseline = {
    schema: BASELINE_SCHEMA,
    rows: baseline.rows,
    features: baseline.features.map(({ name, type, profile, deciles }) => ({
      name,
      type,
      profile: storeFeature(profile),
      ...(deciles && { deciles: deciles.map(stored) }),
    })),
    prediction: { ...baseline.prediction, edges: baseline.prediction.edges.map(stored) },
    ...(baseline.calibration && {
      calibration: { chunks: baseline.calibration.chunks, effects: [...baseline.calibration.effects] },
    }),
  };
  return JSON.stringify(document);
}

/** @throws {ProfileFormatError} another schema, or damaged */
export function baselineFromJson(text: string): Baseline {
  const document = parse<StoredBaseline>(text, BASELINE_SCHEMA);
  return {
    rows: document.rows,
    features: document.features.map(
      ({ name, type, profile, deciles }): BaselineFeature => ({
        name,
        type,
        profile: restoreFeature(profile),
        ...(deciles && { deciles: deciles.map(restored) }),
      }),
    ),
    prediction: { ...document.prediction, edges: document.prediction.edges.map(restored) },
    ...(document.calibration && {
      calibration: { chunks: document.calibration.chunks, effects: new Map(document.calibration.effects) },
    }),
  };
}

/** @throws {ProfileFormatError} another schema, or no JSON */
export function parse<Document extends { readonly schema: string }>(text: string, schema: string): Document {
  let document: Partial<Document> | null;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new ProfileFormatError(`expected JSON of ${schema}, got text that is none`, { cause: error });
  }
  if (document?.schema !== schema) throw new ProfileFormatError(`expected ${schema}, got ${document?.schema}`);
  return document as Document;
}
