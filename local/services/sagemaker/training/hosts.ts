import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';

/** One instance of a job, by the name that its programs know it by. */
export interface Host {
  /** `algo-1` */
  readonly name: string;
  /** From 0. */
  readonly index: number;
  /** Every host's name, in order. */
  readonly all: readonly string[];
}

/** The hosts of a job. */
export function hostsOf({ ResourceConfig }: CreateTrainingJobRequest): Host[] {
  const all = Array.from({ length: ResourceConfig!.InstanceCount! }, (_, i) => `algo-${i + 1}`);
  return all.map((name, index) => ({ name, index, all }));
}
