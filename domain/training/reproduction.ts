import type { ReleaseRow } from '../release.ts';

/** What of a release and of its reproduction is held against each other. */
export interface ComparedInput {
  readonly name: 'dataset' | 'hold-out' | 'source' | 'model.yaml' | 'image' | 'training inputs';
  readonly first: string | undefined;
  readonly again: string | undefined;
  readonly isEqual: boolean;
}

export interface ReproducedMetric {
  readonly metric: string;
  readonly first: number;
  readonly again: number;
  /** again − first. */
  readonly difference: number;
  /** What another hold-out of this size would move the measure by: one standard error. Absent where it is not known. */
  readonly noise?: number;
  readonly verdict: Reproduction['verdict'];
}

/** Whether training again made the same model. */
export interface Reproduction {
  readonly verdict: 'equal' | 'within noise' | 'different';
  readonly inputs: readonly ComparedInput[];
  readonly artifact: {
    readonly first: string;
    readonly again: string;
    /** `contents`: the same files, packed another way (times, order). */
    readonly isEqual: 'archive' | 'contents' | 'no';
  };
  readonly metrics: readonly ReproducedMetric[];
}

/**
 * Holds a release that was trained again against its original.
 *
 * `equal`: the same files and the same measures. `within noise`: every measure differs by at most its standard error on this
 * hold-out, so that no decision between the two could rest on it. `different`: a measure differs by more, or the two were not made
 * of the same inputs.
 *
 * @throws {RangeError} one of them was not judged
 */
export function compareReproduction(first: ReleaseRow, again: ReleaseRow): Reproduction {
  const [a, b] = [judged(first), judged(again)];
  const inputs = inputsOf(first, again);
  const isEqual = sameArtifact(a.artifact, b.artifact);
  const names = [...new Set([...Object.keys(a.evaluation.metrics), ...Object.keys(b.evaluation.metrics)])];
  const metrics = names.map((name) =>
    compareMetric(name, a.evaluation.metrics[name], b.evaluation.metrics[name], a.evaluation.standardErrors?.[name]),
  );
  const verdicts = new Set(metrics.map(({ verdict }) => verdict));
  const isOther = inputs.some((input) => !input.isEqual) || verdicts.has('different');
  const isSame = isEqual !== 'no' && !verdicts.has('within noise');
  return {
    verdict: isOther ? 'different' : isSame ? 'equal' : 'within noise',
    inputs,
    artifact: { first: a.artifact.object.sha256, again: b.artifact.object.sha256, isEqual },
    metrics,
  };
}

function judged({ model, release, steps: { artifact, evaluation } }: ReleaseRow) {
  if (!artifact || !evaluation) throw new RangeError(`expected ${model}/${release} to be judged, got none`);
  return { artifact, evaluation };
}

type Artifact = NonNullable<ReleaseRow['steps']['artifact']>;

function sameArtifact(first: Artifact, again: Artifact): Reproduction['artifact']['isEqual'] {
  if (first.object.sha256 === again.object.sha256) return 'archive';
  return first.contentsSha256 !== undefined && first.contentsSha256 === again.contentsSha256 ? 'contents' : 'no';
}

function inputsOf(first: ReleaseRow, again: ReleaseRow): ComparedInput[] {
  const compared: [ComparedInput['name'], (row: ReleaseRow) => string | undefined][] = [
    ['dataset', ({ steps }) => steps.dataset?.object.sha256],
    ['hold-out', ({ steps }) => steps.prepared?.holdoutSha256],
    ['source', ({ steps }) => steps.dataset?.source?.sha256],
    ['model.yaml', ({ inputs }) => inputs.definition.sha256],
    ['image', ({ steps }) => steps.training?.image],
    // With the hyperparameters and the seed.
    ['training inputs', ({ steps }) => steps.training?.inputs],
  ];
  return compared.map(([name, of]) => ({ name, first: of(first), again: of(again), isEqual: of(first) === of(again) }));
}

function compareMetric(
  metric: string,
  first: number | undefined,
  again: number | undefined,
  noise: number | undefined,
): ReproducedMetric {
  // A measure that only one of them has is as different as can be.
  if (first === undefined || again === undefined)
    return {
      metric,
      first: first ?? Number.NaN,
      again: again ?? Number.NaN,
      difference: Number.NaN,
      verdict: 'different',
    };
  const difference = again - first;
  const isWithin = noise !== undefined && Math.abs(difference) <= noise;
  const verdict = difference === 0 ? 'equal' : isWithin ? 'within noise' : 'different';
  return { metric, first, again, difference, ...(noise !== undefined && { noise }), verdict };
}
