import { type Answers, failure } from '../support/run-workflow.ts';

export interface Scenario {
  readonly says: string;
  readonly input?: unknown;
  readonly answers: Answers;
  readonly ends: string;
  /** What must have been called on the way. */
  readonly asks?: string;
}

export const RELEASE = { model: 'flights', release: 3 };
export const ok = {};
export const transform = {
  name: 'n',
  image: 'i',
  artifactUri: 's3://a',
  environment: {},
  roleArn: 'r',
  inputUri: 's3://in',
  outputUri: 's3://out',
  instanceType: 'ml.m5.large',
  tags: [],
};
export const copied = { rows: 100, repeats: 5 };
export const training = {
  action: 'create',
  jobName: 'j',
  image: 'i',
  roleArn: 'r',
  hyperparameters: {},
  channels: [],
  outputUri: 's3://o',
  instanceType: 'ml.m5.large',
  instanceCount: 1,
  volumeGb: 30,
  maxRuntimeSeconds: 3600,
  inputMode: 'File',
  settings: {},
  withoutCapacity: [],
  typesLeft: 0,
  tags: [],
};
export const slot = { use: 'training', instanceType: 'ml.m5.large', count: 1, team: 'operations' };
export const served = { version: 7, modelName: 'm-v7', endpointName: 'e', endpointConfigName: 'e-v7-abc' };
export const plan = {
  ...served,
  digest: 'd',
  image: 'i',
  artifactUri: 's3://a',
  environment: {},
  roleArn: 'r',
  instanceType: 'ml.m5.large',
  instanceCount: 2,
  captureUri: 's3://c',
  capturePercent: 100,
  tags: [],
};
export const endpoint = (EndpointStatus: string, EndpointConfigName = 'e-v7-abc', more = {}) => ({
  EndpointStatus,
  EndpointConfigName,
  ...more,
});
export const rollout = {
  alarms: [{ AlarmName: 'e-rollout-errors' }, { AlarmName: 'e-rollout-latency' }],
  canary: { BlueGreenUpdatePolicy: 'canary' },
  singleInstance: { BlueGreenUpdatePolicy: 'all' },
};
export const alarmed = (...states: string[]) => ({
  MetricAlarms: states.map((StateValue, i) => ({ ...rollout.alarms[i], StateValue })),
});
export const exists = failure('SageMaker.AmazonSageMakerException', 'Cannot create already existing model');
export const noEndpoint = failure('SageMaker.SageMakerException', 'Could not find endpoint "e".');

/** An answer that is asked for again three times before it counts. */
export const retried = (answer: Error): Error[] => Array(4).fill(answer);

export const release: Answers = {
  OpenRelease: { team: 'operations' },
  PrepareData: ok,
  TrainModel: ok,
  SealArtifact: ok,
  ValidateModel: { passed: true },
  ApproveModel: { requestId: 'q', decision: 'Approved' },
  DeployModel: ok,
  CloseRelease: { status: 'Deployed', message: '' },
};
export const serving: Answers = {
  AuthorizeDeployment: plan,
  createModel: ok,
  createEndpointConfig: ok,
  describeModel: ok,
  describeEndpointConfig: ok,
  createEndpoint: ok,
  updateEndpoint: ok,
  deleteEndpoint: ok,
};
export const watched: Answers = {
  ...serving,
  AuthorizeDeployment: { ...plan, rollout },
  putMetricAlarm: ok,
  describeAlarms: alarmed('OK', 'INSUFFICIENT_DATA'),
  describeEndpoint: [
    endpoint('InService', 'e-v6', { ProductionVariants: [{ CurrentInstanceCount: 2 }] }),
    endpoint('Updating', 'e-v6'),
    endpoint('InService'),
  ],
};
export const deploying: Answers = {
  ServeVersion: served,
  VerifyDeployment: { provedAt: 't', smokeRows: 50 },
  SwitchChampion: ok,
  createSchedule: ok,
  updateSchedule: ok,
  deleteEndpoint: ok,
  getItem: { Item: { champion: { M: { version: { N: '6' } } } } },
};

export const rollingBack: Answers = {
  AuthorizeRollback: { version: 6, release: 2, from: 7 },
  ServeVersion: { ...served, version: 6 },
  VerifyDeployment: { provedAt: 't', smokeRows: 50 },
  SwitchChampion: ok,
  CloseRollback: { status: 'RolledBack', serving: 6 },
};
export const notRolledBack = { CloseRollback: { status: 'Failed', serving: 7 } };

export const measuringStaleness: Answers = {
  PlanStaleness: { versions: [7, 6].map((version) => ({ ...transform, name: `n-v${version}`, version })) },
  createModel: ok,
  createTransformJob: ok,
  deleteModel: ok,
  EvaluateStaleness: { status: 'Measured' },
};
