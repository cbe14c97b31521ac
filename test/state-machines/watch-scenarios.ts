import { failure } from '../support/run-workflow.ts';
import { exists, measuringStaleness, ok, type Scenario } from './scenario.ts';

/** What watches a version that serves. */
export const WATCHING: Record<string, readonly Scenario[]> = {
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
