/** What it takes to run a model. */
export interface Operation extends Footprint {
  readonly instanceType: string;
  /** The largest job that was run: the hold-out, or its copies for importance. */
  readonly transform?: TransformTime;
  readonly champion?: Footprint;
  /** List price of all transforms of this evaluation. Absent where no price is known. */
  readonly costUsd?: number;
}

interface Footprint {
  /** Of the archive, packed. */
  readonly artifactBytes: number;
  /** The hold-out, on one instance of the same type for both models. */
  readonly holdOut?: TransformTime;
}

/** How long a batch transform took, from its instance's start to its end. */
export interface TransformTime {
  readonly rows: number;
  readonly seconds: number;
}

/**
 * What gates ask for by name. `latencyMsPerRow` is the job's time over its rows: an upper bound of the mean time per row, in
 * batches, loading included; the larger the job, the closer. `artifactMb` is the packed archive in megabytes of 10⁶ bytes.
 */
export function reportedOf(
  operation: Operation | undefined,
  custom: Readonly<Record<string, number>> = {},
): Record<string, number> {
  return {
    ...Object.fromEntries(Object.entries(custom).map(([name, value]) => [`custom:${name}`, value])),
    ...(operation && { artifactMb: operation.artifactBytes / 1e6 }),
    ...(operation?.transform && { latencyMsPerRow: msPerRow(operation.transform) }),
  };
}

export const msPerRow = ({ rows, seconds }: TransformTime): number => (1000 * seconds) / rows;
