import type { Decisions } from './decisions.ts';
import type { CategoricalProfile, FeatureProfile, NumericProfile, Profile } from './profile.ts';
import {
  ProfileFormatError,
  parse,
  restoreCategories,
  restoreDecisions,
  restoreNumeric,
  type StoredCategorical,
  type StoredFeature,
  type StoredNumeric,
  storeFeature,
} from './profile-json.ts';

const SHARD_SCHEMA = 'launchway/profile-shard/v1';

/**
 * Counts are one text, `12 0 3`, which is read several times as fast as an array: of bins, or of the baseline's categories in its
 * order. Parts written before have arrays.
 */
type ShardFeature = StoredFeature | CountedNumeric | CountedCategories;
type CountedNumeric = Omit<StoredNumeric, 'counts'> & { readonly counts: string };
type CountedCategories = Omit<StoredCategorical, 'counts'> & { readonly counts: string };

interface StoredShard {
  readonly schema: string;
  readonly rows: number;
  readonly features: readonly { readonly name: string; readonly profile: ShardFeature }[];
  readonly prediction?: ShardFeature;
  readonly decisions?: Decisions;
}

/**
 * A profile without its bins, as a part of an hour is kept until all parts are summed: a tenth of the size, and its reader has the
 * baseline that it was counted over.
 */
export function shardToJson(profile: Profile): string {
  const document: StoredShard = {
    schema: SHARD_SCHEMA,
    rows: profile.rows,
    features: [...profile.features].map(([name, feature]) => ({ name, profile: bare(feature) })),
    ...(profile.prediction && { prediction: bare(profile.prediction) }),
    ...(profile.decisions && { decisions: profile.decisions }),
  };
  return JSON.stringify(document);
}

function bare(feature: FeatureProfile): ShardFeature {
  if (feature.kind === 'numeric') {
    const numeric = storeFeature(feature) as StoredNumeric;
    return { ...numeric, edges: [], counts: feature.counts.join(' ') };
  }
  const { known, counts, ...rest } = feature;
  if (!known) return storeFeature(feature);
  const added = [...counts].filter(([category]) => !known.has(category));
  return { ...rest, counts: [...known].map((category) => counts.get(category) ?? 0).join(' '), added };
}

/**
 * @param over a profile over the same bins, such as emptyProfile of the same baseline
 * @throws {ProfileFormatError} another schema, damaged, or not counted over these bins
 */
export function shardFromJson(text: string, over: Profile): Profile {
  const document = parse<StoredShard>(text, SHARD_SCHEMA);
  const features = new Map<string, FeatureProfile>();
  for (const { name, profile } of document.features)
    features.set(name, restore(name, profile, over.features.get(name)));
  return {
    rows: document.rows,
    features,
    ...(document.prediction && {
      prediction: restore('the prediction', document.prediction, over.prediction) as NumericProfile,
    }),
    ...(document.decisions && { decisions: restoreDecisions(document.decisions) }),
  };
}

function restore(name: string, stored: ShardFeature, like: FeatureProfile | undefined): FeatureProfile {
  if (stored.kind !== like?.kind)
    throw new ProfileFormatError(`expected ${name} to be ${like?.kind}, got ${stored.kind}`);
  if (stored.kind === 'categorical') return restoreShardCategories(stored, (like as CategoricalProfile).known);
  const { edges } = like as NumericProfile;
  const counts = typeof stored.counts === 'string' ? readCounts(stored.counts, edges.length + 1) : stored.counts;
  return restoreNumeric({ ...stored, counts }, edges);
}

function restoreShardCategories(
  stored: StoredCategorical | CountedCategories,
  known: ReadonlySet<string> | undefined,
): CategoricalProfile {
  if (typeof stored.counts !== 'string') return restoreCategories(stored as StoredCategorical, known);
  const { counts: text, added = [], ...rest } = stored;
  const counts = new Map<string, number>();
  const ofKnown = known && known.size > 0 ? readCounts(text, known.size) : [];
  let i = 0;
  for (const category of known ?? []) {
    const count = ofKnown[i++]!;
    if (count > 0) counts.set(category, count);
  }
  for (const [category, count] of added) counts.set(category, count);
  return { ...rest, ...(known && { known }), counts };
}

const [BLANK, ZERO] = [0x20, 0x30];

/** @throws {ProfileFormatError} anything but so many counts with one blank between */
function readCounts(text: string, length: number): number[] {
  const counts = new Array<number>(length).fill(0);
  let [at, count] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= ZERO && code <= ZERO + 9) count = count * 10 + (code - ZERO);
    else if (code === BLANK && at < length) {
      counts[at++] = count;
      count = 0;
    } else throw new ProfileFormatError(`expected ${length} counts, got "${text.slice(0, 60)}"`);
  }
  if (at !== length - 1) throw new ProfileFormatError(`expected ${length} counts, got ${at + 1}`);
  counts[at] = count;
  return counts;
}
