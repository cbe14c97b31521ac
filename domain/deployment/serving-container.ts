/** The role a team's serving containers run under. */
export const servingRoleArn = (accountId: string, prefix: string, team: string): string =>
  `arn:aws:iam::${accountId}:role/${prefix}-${team}-serve`;

/** The SageMaker model of a deployed version. */
export const deployedModelName = (prefix: string, model: string, version: number): string =>
  `${prefix}-${model}-v${version}`;

export const endpointNameOf = (prefix: string, model: string): string => `${prefix}-${model}`;
