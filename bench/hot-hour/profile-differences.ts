import type { FeatureProfile, Profile } from '../../domain/drift/profile.ts';

/** Sums of millions of numbers in another order differ in their last bits; nothing else may. */
const RELATIVE = 1e-11;

/** What two profiles do not agree on, in words: counts exactly, sums to rounding. */
export function differences(a: Profile, b: Profile): string[] {
  const wrong: string[] = [];
  if (a.rows !== b.rows) wrong.push(`rows: ${a.rows} and ${b.rows}`);
  for (const [name, feature] of b.features) wrong.push(...featureDifferences(name, a.features.get(name), feature));
  if (a.prediction && b.prediction) wrong.push(...featureDifferences('(prediction)', a.prediction, b.prediction));
  return wrong;
}

function featureDifferences(name: string, a: FeatureProfile | undefined, b: FeatureProfile): string[] {
  if (a?.kind !== b.kind) return [`${name}: ${a?.kind ?? 'none'} and ${b.kind}`];
  const [counted, numbers] = [countsOf(a), countsOf(b)];
  const wrong = [...numbers].filter(([key, count]) => counted.get(key) !== count).map(([key]) => `${name}: ${key}`);
  if (counted.size !== numbers.size) wrong.push(`${name}: ${counted.size} and ${numbers.size} counts`);
  if (a.kind === 'numeric' && b.kind === 'numeric') {
    for (const key of ['sum', 'm2'] as const) {
      if (Math.abs(a[key] - b[key]) > RELATIVE * Math.abs(b[key]))
        wrong.push(`${name}: ${key} ${a[key]} and ${b[key]}`);
    }
  }
  return wrong;
}

function countsOf(profile: FeatureProfile): Map<string, number> {
  const common: [string, number][] = [
    ['missing', profile.missing],
    ['unreadable', profile.unreadable],
  ];
  if (profile.kind === 'categorical') return new Map([...common, ['other', profile.other], ...profile.counts]);
  const { counts, n, min, max, nonFinite } = profile;
  return new Map([
    ...common,
    ['n', n],
    ['min', min],
    ['max', max],
    ['non-finite', nonFinite],
    ...counts.map((count, i) => [`bin ${i}`, count] as [string, number]),
  ]);
}
