import type { ModelDefinition } from '../../domain/model-definition.ts';
import { s3Uri } from '../../domain/s3-uri.ts';
import { servingEnvironment } from '../../domain/training/container-contract.ts';
import type { VersionRow } from '../../domain/version.ts';
import { jobName } from './job-name.ts';

/** One batch transform through one sealed model version. */
export interface TransformPlan {
  /** Name of the transform job, and of the SageMaker model that is made for it. */
  readonly name: string;
  readonly image: string;
  readonly artifactUri: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly inputUri: string;
  readonly outputUri: string;
  readonly instanceType: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

/** Where rows lie, and where and as what their scores are to be made. */
export interface TransformOrder extends Pick<TransformPlan, 'name' | 'inputUri' | 'outputUri' | 'instanceType'> {
  /** Tags of its own, beside those of model and team. */
  readonly tags: Readonly<Record<string, string>>;
}

/** As which container a version answers, under its team's role. */
export const transformPlan = (
  { account, prefix }: { readonly account: string; readonly prefix: string },
  { model, team, image, artifact }: VersionRow,
  definition: ModelDefinition,
  { name, inputUri, outputUri, instanceType, tags }: TransformOrder,
): TransformPlan => ({
  name: jobName(name),
  image,
  artifactUri: s3Uri(artifact.object),
  environment: servingEnvironment(definition),
  roleArn: `arn:aws:iam::${account}:role/${prefix}-${team}-transform`,
  inputUri,
  outputUri,
  instanceType,
  tags: Object.entries({ 'launchway:model': model, 'launchway:team': team, ...tags }).map(([Key, Value]) => ({
    Key,
    Value,
  })),
});
