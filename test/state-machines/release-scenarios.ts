import { failure } from '../support/run-workflow.ts';
import { copied, ok, release, type Scenario, slot, training, transform } from './scenario.ts';

/** From an admitted dataset to a decision. */
export const RELEASING: Record<string, readonly Scenario[]> = {
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
};
