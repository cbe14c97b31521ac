import type { FeatureVerdict } from './verdict.ts';

/**
 * What moved, strongest first: drifted features, then warnings, then the rest, excluded ones last.
 *
 * Effects that sampling cannot tell apart (closer to the strongest of their group than one standard error of an effect,
 * √(1/n + 1/m)) keep the declared order: otherwise of two columns that moved together now the one, now the other came first.
 *
 * @param features in declared order
 * @param effect the policy's least effect, which strengths are relative to
 */
export function rankFeatures(features: readonly FeatureVerdict[], effect: number): FeatureVerdict[] {
  const declared = new Map(features.map((feature, i) => [feature, i]));
  const ranked: FeatureVerdict[] = [];
  const sorted = [...features].sort((a, b) => classOf(a) - classOf(b) || b.strength - a.strength);
  for (let from = 0; from < sorted.length; ) {
    const leader = sorted[from]!;
    const least = leader.strength - standardError(leader) / effect;
    let to = from + 1;
    while (to < sorted.length && classOf(sorted[to]!) === classOf(leader) && sorted[to]!.strength >= least) to += 1;
    ranked.push(...sorted.slice(from, to).sort((a, b) => declared.get(a)! - declared.get(b)!));
    from = to;
  }
  return ranked;
}

const classOf = ({ verdict, warning, excluded }: FeatureVerdict): number =>
  excluded ? 3 : verdict === 'Drifted' ? 0 : warning ? 1 : 2;

function standardError({ measures }: FeatureVerdict): number {
  const [first] = measures;
  return first && first.baselineRows > 0 && first.currentRows > 0
    ? Math.sqrt(1 / first.baselineRows + 1 / first.currentRows)
    : 0;
}
