import type { ModelDefinition } from '../model-definition.ts';

/** Environment of a container that serves or transforms: what is validated and what is deployed run under the same. */
export const servingEnvironment = ({ training }: ModelDefinition): Readonly<Record<string, string>> =>
  training.framework === undefined
    ? {}
    : {
        SAGEMAKER_PROGRAM: training.entryPoint ?? 'train.py',
        SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
      };

/** The role a team's serving containers run under. */
export const servingRoleArn = (accountId: string, prefix: string, team: string): string =>
  `arn:aws:iam::${accountId}:role/${prefix}-${team}-serve`;

/** The SageMaker model of a deployed version. */
export const deployedModelName = (prefix: string, model: string, version: number): string =>
  `${prefix}-${model}-v${version}`;

export const endpointNameOf = (prefix: string, model: string): string => `${prefix}-${model}`;
