import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Answers, failure, nameOf, runWorkflow, type WorkflowRun } from '../support/run-workflow.ts';

interface Scenario {
  readonly says: string;
  readonly input?: unknown;
  readonly answers: Answers;
  readonly ends: string;
  /** What must have been called on the way. */
  readonly asks?: string;
}

const RELEASE = { model: 'flights', release: 3 };
const ok = {};
const transform = {
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
const copied = { rows: 100, repeats: 5 };
const training = {
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
const slot = { use: 'training', instanceType: 'ml.m5.large', count: 1, team: 'operations' };
const served = { version: 7, modelName: 'm-v7', endpointName: 'e', endpointConfigName: 'e-v7-abc' };
const plan = {
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
const endpoint = (EndpointStatus: string, EndpointConfigName = 'e-v7-abc', more = {}) => ({
  EndpointStatus,
  EndpointConfigName,
  ...more,
});
const rollout = {
  alarms: [{ AlarmName: 'e-rollout-errors' }, { AlarmName: 'e-rollout-latency' }],
  canary: { BlueGreenUpdatePolicy: 'canary' },
  singleInstance: { BlueGreenUpdatePolicy: 'all' },
};
const alarmed = (...states: string[]) => ({
  MetricAlarms: states.map((StateValue, i) => ({ ...rollout.alarms[i], StateValue })),
});
const exists = failure('SageMaker.AmazonSageMakerException', 'Cannot create already existing model');
const noEndpoint = failure('SageMaker.SageMakerException', 'Could not find endpoint "e".');

/** An answer that is asked for again three times before it counts. */
const retried = (answer: Error): Error[] => Array(4).fill(answer);

const release: Answers = {
  OpenRelease: { team: 'operations' },
  PrepareData: ok,
  TrainModel: ok,
  SealArtifact: ok,
  ValidateModel: { passed: true },
  ApproveModel: { requestId: 'q', decision: 'Approved' },
  DeployModel: ok,
  CloseRelease: { status: 'Deployed', message: '' },
};
const serving: Answers = {
  AuthorizeDeployment: plan,
  createModel: ok,
  createEndpointConfig: ok,
  describeModel: ok,
  describeEndpointConfig: ok,
  createEndpoint: ok,
  updateEndpoint: ok,
  deleteEndpoint: ok,
};
const watched: Answers = {
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
const deploying: Answers = {
  ServeVersion: served,
  VerifyDeployment: { provedAt: 't', smokeRows: 50 },
  SwitchChampion: ok,
  createSchedule: ok,
  updateSchedule: ok,
  deleteEndpoint: ok,
  getItem: { Item: { champion: { M: { version: { N: '6' } } } } },
};

const rollingBack: Answers = {
  AuthorizeRollback: { version: 6, release: 2, from: 7 },
  ServeVersion: { ...served, version: 6 },
  VerifyDeployment: { provedAt: 't', smokeRows: 50 },
  SwitchChampion: ok,
  CloseRollback: { status: 'RolledBack', serving: 6 },
};
const notRolledBack = { CloseRollback: { status: 'Failed', serving: 7 } };

const measuringStaleness: Answers = {
  PlanStaleness: { versions: [7, 6].map((version) => ({ ...transform, name: `n-v${version}`, version })) },
  createModel: ok,
  createTransformJob: ok,
  deleteModel: ok,
  EvaluateStaleness: { status: 'Measured' },
};

const SCENARIOS: Record<string, readonly Scenario[]> = {
  'release-model': [
    { says: 'deploys what was approved', answers: release, ends: 'Model Deployed' },
    {
      says: 'trains nothing where the model was trained elsewhere',
      answers: { ...release, OpenRelease: { team: 'operations', isBrought: true }, TrainModel: failure('NotAsked') },
      ends: 'Model Deployed',
    },
    {
      says: 'ends when a gate says no',
      answers: { ...release, ValidateModel: { passed: false } },
      ends: 'Release Ended',
    },
    {
      says: 'ends an experiment after validation and asks nobody',
      answers: {
        ...release,
        OpenRelease: { team: 'operations', experiment: true },
        CloseRelease: { status: 'Validated', message: '' },
      },
      ends: 'Release Ended',
    },
    ...['Rejected', 'Expired', 'Superseded'].map((decision) => ({
      says: `ends when the request is ${decision}`,
      answers: { ...release, ApproveModel: { decision } },
      ends: 'Release Ended',
    })),
    {
      says: 'records refused data as an answer',
      answers: {
        ...release,
        PrepareData: failure('DatasetRefusedError'),
        CloseRelease: { status: 'Refused', message: '' },
      },
      ends: 'Release Ended',
    },
    {
      says: 'fails when something broke',
      answers: {
        ...release,
        TrainModel: failure('States.TaskFailed'),
        CloseRelease: { status: 'Failed', message: '' },
      },
      ends: 'Release Failed',
    },
  ],
  'prepare-data': [
    { says: 'prepares', answers: { SealDataset: ok, PrepareChannels: ok, ProfileBaseline: ok }, ends: 'Data Prepared' },
  ],
  'train-model': [
    {
      says: 'trains',
      answers: { PlanTraining: training, createTrainingJob: ok, RecordTraining: { status: 'Completed' } },
      ends: 'Model Trained',
    },
    {
      says: 'adopts a job that runs already, and waits for it',
      answers: {
        PlanTraining: { ...training, action: 'adopt' },
        RecordTraining: [{ status: 'InProgress' }, { status: 'InProgress' }, { status: 'Completed' }],
      },
      ends: 'Model Trained',
    },
    {
      says: 'records why a job failed',
      answers: {
        PlanTraining: training,
        createTrainingJob: failure('States.TaskFailed'),
        RecordTraining: failure('TrainingFailedError', 'AlgorithmError: KeyError origin'),
      },
      ends: 'Model Not Trained',
    },
    {
      says: 'waits for capacity',
      answers: {
        PlanTraining: training,
        createTrainingJob: [failure('SageMaker.ResourceLimitExceededException'), ok],
        RecordTraining: { status: 'Completed' },
      },
      ends: 'Model Trained',
    },
    {
      says: 'looks again where SageMaker is asked too often',
      answers: {
        PlanTraining: training,
        createTrainingJob: [failure('SageMaker.AmazonSageMakerException', 'Rate exceeded'), ok],
        RecordTraining: { status: 'Completed' },
      },
      ends: 'Model Trained',
    },
    {
      says: 'waits for instances before it trains',
      answers: {
        PlanTraining: { ...training, slot },
        AssignSlots: ok,
        createTrainingJob: ok,
        RecordTraining: { status: 'Completed' },
      },
      ends: 'Model Trained',
    },
    {
      says: 'gives its place up where none becomes free',
      answers: { PlanTraining: { ...training, slot }, AssignSlots: [undefined, ok] },
      ends: 'Model Not Trained',
    },
    {
      says: 'gives its instances back where the job is not made',
      answers: {
        PlanTraining: { ...training, slot },
        AssignSlots: ok,
        createTrainingJob: failure('SageMaker.AmazonSageMakerException', 'Error Code: ValidationException'),
      },
      ends: 'Model Not Trained',
    },
    {
      says: 'searches, and adopts the best training',
      answers: {
        PlanTraining: { ...training, action: 'search', isSearch: true, search: { config: {}, metricDefinitions: [] } },
        createHyperParameterTuningJob: ok,
        RecordTraining: { status: 'Completed' },
      },
      ends: 'Model Trained',
    },
    {
      says: 'adopts the job whose making was never answered, instead of making another',
      answers: {
        PlanTraining: [training, { ...training, action: 'adopt' }],
        createTrainingJob: failure('SageMaker.SdkClientException', 'socket hang up'),
        RecordTraining: [{ status: 'InProgress' }, { status: 'Completed' }],
      },
      ends: 'Model Trained',
    },
    {
      says: 'waits for a job of this name that is there already',
      answers: {
        PlanTraining: training,
        createTrainingJob: failure('SageMaker.ResourceInUseException', 'Training job names must be unique'),
        RecordTraining: [{ status: 'InProgress' }, { status: 'Completed' }],
      },
      ends: 'Model Trained',
    },
    {
      says: 'tries the next instance type where one has no capacity',
      answers: {
        PlanTraining: training,
        createTrainingJob: [failure('States.TaskFailed'), ok],
        RecordTraining: [{ status: 'NoCapacity' }, { status: 'Completed' }],
      },
      ends: 'Model Trained',
    },
    {
      says: 'ends where SageMaker refuses the job every time',
      answers: { PlanTraining: training, createTrainingJob: failure('SageMaker.AmazonSageMakerException') },
      ends: 'Model Not Trained',
    },
    {
      says: 'does not ask again for what SageMaker finds invalid',
      answers: {
        PlanTraining: training,
        createTrainingJob: failure('SageMaker.AmazonSageMakerException', 'Error Code: ValidationException'),
      },
      ends: 'Model Not Trained',
    },
  ],
  'seal-artifact': [{ says: 'seals', answers: { SealArtifact: { version: 7 } }, ends: 'Artifact Sealed' }],
  'validate-model': [
    {
      says: 'judges a first version alone',
      answers: {
        PlanValidation: { candidate: transform, importance: { why: 'not asked for' } },
        createModel: ok,
        createTransformJob: ok,
        deleteModel: ok,
        EvaluateModel: { passed: true },
        RegisterModel: { packageArn: 'p' },
      },
      ends: 'Model Validated',
    },
    {
      says: 'judges candidate and champion on the same rows',
      answers: {
        PlanValidation: { candidate: transform, champion: transform, copies: transform, importance: copied },
        createModel: ok,
        createTransformJob: { TransformStartTime: 1000, TransformEndTime: 43_000 },
        deleteModel: ok,
        EvaluateModel: { passed: true },
        RegisterModel: { packageArn: 'p' },
      },
      ends: 'Model Validated',
    },
    {
      says: 'judges nothing where the champion cannot answer',
      answers: {
        PlanValidation: { candidate: transform, champion: transform, importance: copied },
        createModel: ok,
        createTransformJob: [ok, failure('SageMaker.SageMakerException')],
        deleteModel: ok,
      },
      ends: 'Model Not Validated',
    },
    {
      says: 'judges without importance where the copies cannot be scored',
      answers: {
        PlanValidation: { candidate: transform, copies: transform, importance: copied },
        createModel: ok,
        createTransformJob: [ok, failure('SageMaker.SageMakerException')],
        deleteModel: ok,
        EvaluateModel: { passed: true },
        RegisterModel: { packageArn: 'p' },
      },
      ends: 'Model Validated',
    },
  ],
  'approve-model': [
    {
      says: 'resumes with the decision',
      answers: { PlanApproval: { timeoutSeconds: 259200 }, RequestApproval: { requestId: 'q', decision: 'Approved' } },
      ends: 'Decision Made',
    },
    {
      says: 'takes silence as a no',
      answers: {
        PlanApproval: { timeoutSeconds: 259200 },
        RequestApproval: undefined,
        ExpireApproval: { decision: 'Expired' },
      },
      ends: 'Decision Made',
    },
  ],
  'serve-version': [
    {
      says: 'creates a first endpoint',
      answers: {
        ...serving,
        describeEndpoint: [...retried(noEndpoint), endpoint('Creating'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'updates one that serves',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Updating', 'e-v6'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'does nothing where it serves already',
      answers: { ...serving, describeEndpoint: endpoint('InService') },
      ends: 'Version Serves',
    },
    {
      says: 'goes on where an earlier attempt made the model and its configuration',
      answers: {
        ...serving,
        createModel: exists,
        createEndpointConfig: failure(
          'SageMaker.SageMakerException',
          'Cannot create already existing endpoint configuration',
        ),
        describeEndpoint: endpoint('InService'),
      },
      ends: 'Version Serves',
    },
    {
      says: 'waits for an endpoint that is busy',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('SystemUpdating', 'e-v6'), endpoint('InService', 'e-v6'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'replaces one that failed to be made',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('Failed', 'e-v6'), ...retried(noEndpoint), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'sees a silent roll-back by the name of the configuration',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('InService', 'e-v6', { FailureReason: 'alarm' })],
      },
      ends: 'Endpoint Rolled Back',
    },
    {
      says: 'watches the new configuration by alarms before it takes over',
      answers: watched,
      ends: 'Version Serves',
    },
    {
      says: 'says so where the alarms took it back',
      answers: {
        ...watched,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('InService', 'e-v6', { FailureReason: 'alarm' })],
      },
      ends: 'Endpoint Rolled Back',
    },
    {
      says: 'waits for an alarm of the release before to be quiet',
      answers: { ...watched, describeAlarms: [alarmed('OK', 'ALARM'), alarmed('OK', 'ALARM'), alarmed('OK', 'OK')] },
      ends: 'Version Serves',
    },
    {
      says: 'updates nothing where an alarm stays',
      answers: { ...watched, describeAlarms: alarmed('OK', 'ALARM') },
      ends: 'Rollout Not Watched',
    },
    {
      says: 'updates nothing where an alarm is missing',
      answers: { ...watched, describeAlarms: alarmed('OK') },
      ends: 'Rollout Not Watched',
    },
    {
      says: 'updates nothing where there is no alarm',
      answers: { ...watched, describeAlarms: {} },
      ends: 'Rollout Not Watched',
    },
    {
      says: 'watches nothing where the endpoint serves nothing any more',
      answers: {
        ...watched,
        describeEndpoint: [endpoint('UpdateRollbackFailed', 'e-v6'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'sees an update that failed',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Failed', 'e-v7-abc', { FailureReason: 'ping' })],
      },
      ends: 'Endpoint Failed',
    },
    {
      says: 'gives up on an endpoint that stays busy',
      answers: { ...serving, describeEndpoint: endpoint('Updating', 'e-v6') },
      ends: 'Endpoint Stuck',
    },
    {
      says: 'gives up on an update that never settles',
      answers: { ...serving, describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Updating', 'e-v6')] },
      ends: 'Endpoint Stuck',
    },
    {
      says: 'does not take any failure for a missing endpoint',
      answers: { ...serving, describeEndpoint: failure('SageMaker.SageMakerException', 'Rate exceeded') },
      ends: 'Version Not Served',
    },
  ],
  'deploy-model': [
    { says: 'deploys and starts watching', answers: deploying, ends: 'Model Deployed' },
    {
      says: 'keeps the schedule of a model that is watched already',
      answers: { ...deploying, createSchedule: failure('Scheduler.ConflictException') },
      ends: 'Model Deployed',
    },
    {
      says: 'restores the champion when the proof fails',
      answers: {
        ...deploying,
        ServeVersion: { ...served, previousConfigName: 'e-v6' },
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Model Not Deployed',
    },
    {
      says: 'removes a first version that cannot be proved',
      answers: { ...deploying, getItem: { Item: {} }, VerifyDeployment: failure('DeploymentNotProvedError') },
      ends: 'Model Not Deployed',
    },
    {
      says: 'removes what cannot be proved where the endpoint served before but nothing was ever proved',
      answers: {
        ...deploying,
        getItem: { Item: {} },
        ServeVersion: { ...served, previousConfigName: 'e-v6' },
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Model Not Deployed',
    },
    {
      says: 'restores the champion where an earlier attempt had changed the endpoint already',
      answers: {
        ...deploying,
        ServeVersion: [served, failure('EndpointFailedError')],
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Champion Not Restored',
    },
    {
      says: 'restores the champion where the endpoint did not settle on the new version',
      answers: { ...deploying, ServeVersion: [failure('EndpointStuckError'), served] },
      ends: 'Model Not Deployed',
    },
    {
      says: 'has nothing to undo where a first endpoint was never made',
      answers: {
        ...deploying,
        getItem: { Item: {} },
        ServeVersion: failure('DeploymentNotApprovedError'),
        deleteEndpoint: noEndpoint,
      },
      ends: 'Model Not Deployed',
    },
    {
      says: 'says loudly when a first endpoint cannot be removed',
      answers: {
        ...deploying,
        getItem: { Item: {} },
        VerifyDeployment: failure('DeploymentNotProvedError'),
        deleteEndpoint: failure('SageMaker.SageMakerException', 'Cannot update in-progress endpoint'),
      },
      ends: 'Champion Not Restored',
    },
    {
      says: 'says loudly when the champion cannot be restored',
      answers: {
        ...deploying,
        ServeVersion: [{ ...served, previousConfigName: 'e-v6' }, failure('EndpointFailedError')],
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Champion Not Restored',
    },
  ],
  'roll-back-model': [
    {
      says: 'serves the former version, proves it and makes it the champion',
      answers: rollingBack,
      ends: 'Model Rolled Back',
    },
    {
      says: 'touches nothing where the rollback is refused',
      answers: { ...rollingBack, ...notRolledBack, AuthorizeRollback: failure('RollbackRefusedError') },
      ends: 'Model Not Rolled Back',
    },
    {
      says: 'restores what served where the former version cannot be proved',
      answers: { ...rollingBack, ...notRolledBack, VerifyDeployment: failure('DeploymentNotProvedError') },
      ends: 'Model Not Rolled Back',
    },
    {
      says: 'records it where what served cannot be restored either',
      answers: {
        ...rollingBack,
        ...notRolledBack,
        ServeVersion: [{ ...served, previousConfigName: 'e-v7' }, failure('EndpointFailedError')],
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Model Not Rolled Back',
    },
    {
      says: 'believes the table where the answer to the switch was lost',
      answers: { ...rollingBack, SwitchChampion: failure('Lambda.Unknown') },
      ends: 'Model Rolled Back',
    },
  ],
  'monitor-model': [
    {
      says: 'has nothing to check before a window closes',
      input: { model: 'flights', scheduledTime: '2030-01-01T01:15:00Z' },
      answers: { ProfileCaptures: { version: 7, records: 0, hotHours: [], closedWindows: [], governed: false } },
      ends: 'Model Monitored',
    },
    {
      says: 'asks the governor where the owner lets it be trained anew by itself',
      input: { model: 'flights', scheduledTime: '2030-01-01T01:15:00Z' },
      answers: {
        ProfileCaptures: { version: 7, records: 0, hotHours: [], closedWindows: [], governed: true },
        GovernRetraining: { decisions: [] },
      },
      ends: 'Model Monitored',
    },
    {
      says: 'asks the governor though outcomes could not be measured, and fails for it afterwards',
      input: { model: 'flights', scheduledTime: '2030-01-01T01:15:00Z' },
      answers: {
        ProfileCaptures: { version: 7, records: 0, hotHours: [], closedWindows: [], governed: true, outcomesDue: true },
        MeasureQuality: failure('RangeError', 'labels that cannot be joined'),
        GovernRetraining: { decisions: [] },
      },
      ends: 'Model Not Monitored',
      asks: 'GovernRetraining',
    },
    {
      says: 'checks every closed window in order and tells people once it persists',
      input: { model: 'flights', scheduledTime: '2030-01-03T00:15:00Z' },
      answers: {
        ProfileCaptures: {
          version: 7,
          records: 9,
          hotHours: [],
          closedWindows: ['2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z'],
          outcomesDue: true,
        },
        MeasureQuality: { files: 0, matched: 0, evaluated: 1 },
        CheckDrift: [
          { verdict: 'Drifted', alert: false },
          { verdict: 'Drifted', alert: true },
        ],
        RaiseAlert: { incident: 'i' },
      },
      ends: 'Model Monitored',
    },
    {
      says: 'has hot hours profiled batch by batch before it checks windows',
      input: { model: 'flights', scheduledTime: '2030-01-02T00:15:00Z' },
      answers: {
        ProfileCaptures: {
          version: 7,
          records: 9,
          hotHours: [{ hour: '2030-01-01T07:00:00.000Z', plan: 'plan.json', batches: 3 }],
          closedWindows: ['2030-01-01T00:00:00Z'],
        },
        ProfileHour: { records: 3_000_000 },
        CheckDrift: { verdict: 'Stable', alert: false },
      },
      ends: 'Model Monitored',
    },
  ],
  'measure-staleness': [
    {
      says: 'asks every version the same rows and measures what they answer',
      answers: measuringStaleness,
      ends: 'Staleness Measured',
    },
    {
      says: 'says of a version that it did not answer, and measures the others',
      answers: { ...measuringStaleness, createTransformJob: [failure('States.TaskFailed', 'disk full'), ok] },
      ends: 'Staleness Measured',
    },
    {
      says: 'goes on where a model cannot be made or not be deleted',
      answers: {
        ...measuringStaleness,
        createModel: [exists, ok],
        deleteModel: failure('SageMaker.SageMakerException'),
      },
      ends: 'Staleness Measured',
    },
    {
      says: 'records why there is nothing to measure',
      answers: {
        PlanStaleness: failure('TooFewLabelledRowsError', '12 of 200'),
        EvaluateStaleness: { status: 'Failed' },
      },
      ends: 'Staleness Not Measured',
    },
  ],
  'profile-hour': [
    {
      says: 'profiles every batch and sums them',
      input: { plan: 'plan.json', batches: 3 },
      answers: { ProfileBatch: { records: 5 }, MergeHour: { records: 15 } },
      ends: 'Hour Profiled',
    },
    {
      says: 'does so where one batch is all',
      input: { plan: 'plan.json', batches: 1 },
      answers: { ProfileBatch: { records: 5 }, MergeHour: { records: 5 } },
      ends: 'Hour Profiled',
    },
  ],
};

const INPUT: Record<string, unknown> = {
  'roll-back-model': { model: 'flights', rollback: 1 },
  'measure-staleness': { model: 'flights', id: '20300101T000000000Z-1a2b3c4d' },
  'monitor-model': { model: 'flights', scheduledTime: '2030-01-01T01:15:00Z' },
};
const run = (file: string, { input, answers }: Scenario, fail?: { failNth: number; with: Error }) =>
  runWorkflow(file, input ?? INPUT[file] ?? RELEASE, answers, fail);

describe.each(Object.entries(SCENARIOS))('%s', (file, scenarios) => {
  const ran: WorkflowRun[] = [];

  it.each(scenarios.map((scenario) => [scenario.says, scenario] as const))('%s', async (_, scenario) => {
    const done = await run(file, scenario);
    ran.push(done);
    expect(done.path.at(-1)).toBe(scenario.ends);
    if (scenario.asks) expect(done.calls.map(({ name }) => name)).toContain(scenario.asks);
    expect(done.status).toBe(endsWell(file, scenario.ends) ? 'SUCCEEDED' : 'FAILED');
  });

  it('records an outcome whichever task fails, with whichever error it catches', async () => {
    const caught = errorsCaught(file);
    for (const scenario of scenarios) {
      const { calls } = await run(file, scenario);
      if (calls.length > 60) continue; // a wait loop that gives up: its tasks fail in shorter scenarios too
      for (const failNth of firstOfEach(calls)) {
        for (const error of caught.get(calls[failNth]!.name)!) {
          const done = await run(file, scenario, { failNth, with: failure(error) });
          ran.push(done);
          expect(['SUCCEEDED', 'FAILED']).toContain(done.status);
          expect(endsOf(file)).toContain(done.path.at(-1));
        }
      }
    }
  });

  it('has run every branch', () => {
    const walked = new Set(ran.flatMap(({ edges }) => edges));
    expect(
      branchesOf(JSON.parse(readFileSync(`state-machines/${file}.asl.json`, 'utf8'))).filter(
        (edge) => !walked.has(edge),
      ),
    ).toEqual([]);
  });
});

describe('taking over', () => {
  const asked = async (answers: Answers) => {
    const { calls } = await run('serve-version', { says: '', answers: { ...watched, ...answers }, ends: '' });
    return calls.filter(({ name }) => ['putMetricAlarm', 'updateEndpoint'].includes(name)).map(({ args }) => args);
  };
  const update = {
    EndpointName: 'e',
    EndpointConfigName: 'e-v7-abc',
    RetainAllVariantProperties: true,
    ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DataCaptureConfig' }],
  };
  const serves = (count: number) => [
    endpoint('InService', 'e-v6', { ProductionVariants: [{ CurrentInstanceCount: count }] }),
    endpoint('InService'),
  ];

  it('puts each alarm, then lets a part of several instances go first', async () => {
    expect(await asked({})).toEqual([...rollout.alarms, { ...update, DeploymentConfig: rollout.canary }]);
  });

  it('watches one instance with all traffic: half of it cannot go first', async () => {
    expect((await asked({ describeEndpoint: serves(1) })).at(-1)).toEqual({
      ...update,
      DeploymentConfig: rollout.singleInstance,
    });
  });

  it('says what was watched: not what took over at once, nor what took over from a broken endpoint', async () => {
    const outputOf = async (answers: Answers) =>
      (await run('serve-version', { says: '', answers: { ...watched, ...answers }, ends: '' })).output;
    expect(await outputOf({})).toEqual({ ...plan, previousConfigName: 'e-v6', watched: true });
    const broken = [endpoint('UpdateRollbackFailed', 'e-v6'), endpoint('InService')];
    expect(await outputOf({ describeEndpoint: broken })).toEqual({ ...plan, previousConfigName: 'e-v6' });
    expect(await outputOf({ AuthorizeDeployment: plan })).toEqual({ ...plan, previousConfigName: 'e-v6' });
    expect(await outputOf({ describeEndpoint: endpoint('InService') })).toEqual(plan);
  });

  it('watches nothing where the plan has no rollout', async () => {
    expect(await asked({ AuthorizeDeployment: plan, describeEndpoint: serves(2) })).toEqual([update]);
  });
});

/** Every `from → to` that a machine can take, Map and Parallel included. */
function branchesOf(machine: any): string[] {
  return Object.entries<any>(machine.States).flatMap(([name, state]) => {
    const to = [
      state.Next,
      state.Default,
      ...(state.Choices ?? []).map((c: any) => c.Next),
      ...(state.Catch ?? []).map((c: any) => c.Next),
    ].filter(Boolean);
    const inside = [...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])];
    return [...to.filter(() => inside.length === 0).map((next) => `${name} → ${next}`), ...inside.flatMap(branchesOf)];
  });
}

/** Of calls that repeat, as in a wait loop, the first two stand for all. */
const firstOfEach = (calls: WorkflowRun['calls']): number[] =>
  calls.flatMap(({ name }, nth) => (calls.slice(0, nth).filter((call) => call.name === name).length < 2 ? [nth] : []));

const machineOf = (file: string): any => JSON.parse(readFileSync(`state-machines/${file}.asl.json`, 'utf8'));
const endsWell = (file: string, state: string): boolean => machineOf(file).States[state].Type === 'Succeed';
/** States in which an execution, or the branch that failed last, may end. */
const endsOf = (file: string): string[] => {
  const all = (machine: any): [string, any][] =>
    Object.entries<any>(machine.States).flatMap(([name, state]) => [
      [name, state] as [string, any],
      ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(all),
    ]);
  return all(machineOf(file))
    .filter(([, { Type }]) => ['Succeed', 'Fail'].includes(Type))
    .map(([name]) => name);
};
/** By call: an error that nobody names, and each one that a task of this name catches. */
function errorsCaught(file: string): Map<string, Set<string>> {
  const caught = new Map<string, Set<string>>();
  for (const task of tasksOf(machineOf(file))) {
    const name = nameOf(task.Resource, task.Arguments).replace(/^\$\{(\w+?)(FunctionArn|StateMachineArn)\}$/, '$1');
    const errors = caught.get(name) ?? new Set(['SomethingElse']);
    for (const error of task.Catch.flatMap((c: any) => c.ErrorEquals))
      if (!error.startsWith('States.')) errors.add(error);
    caught.set(name, errors);
  }
  return caught;
}

const tasksOf = (machine: any): any[] =>
  Object.values<any>(machine.States).flatMap((state) => [
    ...(state.Type === 'Task' ? [state] : []),
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(tasksOf),
  ]);

it('says of each version where its answers are, how long they took, or why it has none', async () => {
  const { calls } = await runWorkflow('measure-staleness', INPUT['measure-staleness'], {
    ...measuringStaleness,
    createTransformJob: [
      { TransformStartTime: 1000, TransformEndTime: 43_000 },
      failure('States.TaskFailed', `{"FailureReason":"disk full","Environment":"${'x'.repeat(9000)}"}`),
    ],
  });
  const answers = calls.find(({ name }) => name === 'EvaluateStaleness')!.args.Payload.answers;
  expect(answers).toEqual([
    { version: 7, outputUri: 's3://out', seconds: 42 },
    {
      version: 6,
      error: { Error: 'States.TaskFailed', Cause: expect.stringContaining('disk full') },
    },
  ]);
  // Of ten versions that fail, well below what a state may hold.
  expect(answers[1].error.Cause).toHaveLength(6000);
  expect(calls.filter(({ name }) => name === 'deleteModel').map(({ args }) => args)).toEqual([
    { ModelName: 'n-v7' },
    { ModelName: 'n-v6' },
  ]);
});
