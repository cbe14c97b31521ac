import { createHash } from 'node:crypto';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { approvalDigest, approvalSubject } from '../../domain/approval/approval-subject.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { Evaluation } from '../../domain/evaluation/evaluate.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { VersionRow } from '../../domain/version.ts';

const MODEL = 'flight-delays';
export const TEAM = 'operations';
export const CONFIG: DeployedConfig = {
  stage: { name: 'local', kind: 'dev' },
  prefix: 'launchway-local',
  teams: { [TEAM]: { members: ['dana', 'dan'], images: ['launchway/flight-delays'], instanceTypes: ['ml.m5.large'] } },
  tiers: {
    standard: { approvals: { 'model-risk': 1 }, gates: [], expiresBusinessHours: 24 },
    critical: { approvals: { 'model-risk': 1, business: 1 }, gates: [], expiresBusinessHours: 48 },
  },
  roles: { 'model-risk': ['ada', 'abe', 'dana'], business: ['ben', 'ada'] },
  people: {
    ada: { name: 'Ada', email: 'ada@example.com', principals: ['arn:aws:iam::000000000000:user/ada'] },
    abe: { name: 'Abe', email: 'abe@example.com', principals: ['arn:aws:iam::000000000000:user/abe'] },
    ben: { name: 'Ben', email: 'ben@example.com', principals: ['arn:aws:iam::000000000000:user/ben'] },
    dana: { name: 'Dana', email: 'dana@example.com', principals: ['arn:aws:iam::000000000000:user/dana'] },
    dan: { name: 'Dan', email: 'dan@example.com', principals: ['arn:aws:iam::000000000000:user/dan'] },
  },
  mail: { from: 'launchway@example.com', operators: 'operators@example.com' },
};

export const ARTIFACT = 'the bytes of a model';
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const APPROVED = 'launchway-local-approved-000000000000';
const ref = (key: string, sha256: string) => ({ bucket: APPROVED, key: `${TEAM}/${MODEL}/${key}`, sha256 });

export const DEFINITION: ModelDefinition = {
  schema: 'launchway/v1',
  model: MODEL,
  owner: 'ops-analytics@example.com',
  team: TEAM,
  tier: 'critical',
  problem: { type: 'binary-classification', target: 'delayed', positiveClass: '1', decisionThreshold: 0.3 },
  columns: { id: 'flight_id', attributes: [], others: 'refuse' },
  features: [
    { name: 'distance', type: 'numeric', unit: 'mile' },
    { name: 'origin', type: 'categorical' },
  ],
  data: {
    format: 'csv',
    test: { split: 'time', fraction: 0.2 },
    checks: { minRows: 100, minClassRows: 10, maxDuplicateFraction: 0.1, maxLeakage: 0.98, maxMissingFraction: 0.05 },
  },
  training: {
    image: 'launchway/flight-delays:1',
    instance: { types: ['ml.m5.large'], count: 1, volumeGb: 30 },
    spot: false,
    maxRuntimeMinutes: 60,
    hyperparameters: {},
  },
  validation: { gates: [{ metric: 'auc', atLeast: 0.58 }], fairness: [], importanceRows: 0 },
  approval: { require: {}, expiresBusinessHours: 24 },
  release: { startOn: 'upload' },
  serving: {
    mode: 'realtime',
    realtime: { instance: 'ml.m5.large', minInstances: 2, maxInstances: 6 },
    request: { contentType: 'text/csv' },
    response: { contentType: 'text/csv', scoreColumn: 0 },
  },
  monitoring: {
    windowHours: 24,
    capture: { fraction: 1, redact: [], retainDays: 90 },
    drift: { effect: 0.1, falseDiscoveryRate: 0.01, persistence: { windows: 2, of: 3 }, exclude: [] },
    labels: { completeAfterDays: 2 },
    quality: [],
    onDrift: 'alert',
  },
};

export const modelRow = (change: Partial<ModelRow> = {}): ModelRow => ({
  model: MODEL,
  team: TEAM,
  tier: 'critical',
  owner: 'ops-analytics@example.com',
  definition: ref('definitions/d/model.yaml', hash('definition')),
  releases: 14,
  versions: 7,
  activeRelease: 14,
  ...change,
});

export const versionRow = (change: Partial<VersionRow> = {}): VersionRow => ({
  model: MODEL,
  version: 7,
  release: 14,
  team: TEAM,
  status: 'Validated',
  artifact: {
    object: ref(`models/${hash(ARTIFACT)}/model.tar.gz`, hash(ARTIFACT)),
    bytes: ARTIFACT.length,
    files: 2,
    findings: [],
  },
  image: `000000000000.dkr.ecr.eu-west-1.amazonaws.com/launchway/flight-delays@sha256:${hash('image')}`,
  dataset: { object: ref(`datasets/${hash('data')}/train.csv`, hash('data')), bytes: 1_000 },
  prepared: {
    uri: `s3://${APPROVED}/${TEAM}/${MODEL}/datasets/${hash('data')}/prepared/r`,
    recipe: 'r',
    trainRows: 5_552,
    holdoutRows: 1_388,
    holdoutSha256: hash('holdout'),
    split: { kind: 'id-hash', fraction: 0.2 },
    findings: ['origin: 12 rows have no value and count as a category of their own'],
  },
  baseline: ref('baseline.json', hash('baseline')),
  definition: ref('definitions/d/model.yaml', hash('definition')),
  training: {
    jobName: 'launchway-local-flight-delays-r14-0-0',
    jobArn: 'arn:aws:sagemaker:eu-west-1:000000000000:training-job/launchway-local-flight-delays-r14-0-0',
    image: 'image',
    artifactUri: 's3://a/b',
    seconds: 41,
    instanceType: 'ml.m5.large',
  },
  evaluation: {
    document: { bucket: 'launchway-local-artifacts-000000000000', key: `${TEAM}/${MODEL}/releases/14/evaluation.json` },
    sha256: hash('evaluation'),
    passed: true,
    metrics: { auc: 0.6163, prAuc: 0.321, logLoss: 0.512, brier: 0.1677 },
    gates: [
      { metric: 'auc', verdict: 'Passed', measured: 0.6163, needed: 'at least 0.58', why: 'measured above the bar' },
    ],
    predictionsUri: `s3://launchway-local-artifacts-000000000000/${TEAM}/${MODEL}/releases/14/transform/candidate-0-0/features.csv.out`,
  },
  createdAt: '2030-01-01T00:00:00.000Z',
  ...change,
});

export const releaseRow = (change: Partial<ReleaseRow> = {}): ReleaseRow => ({
  model: MODEL,
  release: 14,
  team: TEAM,
  status: 'Validating',
  executionName: 'flight-delays-abc',
  submitter: { principal: 'arn:aws:iam::000000000000:user/dana', person: 'dana' },
  admittedAt: '2030-01-01T00:00:00.000Z',
  reason: 'upload of models/flight-delays/data/2001-01/train.csv',
  inputs: { definition: modelRow().definition, dataset: { bucket: 'intake', key: 'k' } },
  steps: {},
  version: 7,
  ...change,
});

/** A pending request for version 7 that needs one of model-risk (ada, abe) and one of business (ben, ada). */
export function approvalRequest(change: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const seats = [
    { role: 'business', people: 1 },
    { role: 'model-risk', people: 1 },
  ];
  const subject = approvalSubject(versionRow(), DEFINITION, seats);
  return {
    requestId: `r${'0'.repeat(39)}1`,
    model: MODEL,
    release: 14,
    version: 7,
    status: 'Pending',
    digest: approvalDigest(subject),
    subject,
    seats,
    approvers: [
      { person: 'abe', roles: ['model-risk'] },
      { person: 'ada', roles: ['business', 'model-risk'] },
      { person: 'ben', roles: ['business'] },
    ],
    excluded: [{ person: 'dana', why: 'submitted or edited what is asked about' }],
    warnings: [],
    submitter: releaseRow().submitter,
    createdAt: '2030-01-01T00:00:00.000Z',
    expiresAt: '2030-01-02T00:00:00.000Z',
    revision: 1,
    sealedToken: 'sealed-0',
    notified: true,
    ...change,
  };
}

/** What evaluate-model wrote about version 7, a first version unless it is changed. */
export const evaluationOf = (change: Partial<Evaluation> = {}): Evaluation => ({
  schema: 'launchway/evaluation/v1',
  rows: 1_388,
  positives: 290,
  threshold: 0.3,
  seed: 1,
  candidate: { metrics: versionRow().evaluation!.metrics, standardErrors: { auc: 0.019 } },
  slices: [],
  gates: versionRow().evaluation!.gates,
  passed: true,
  ...change,
});
