import { describe, expect, it } from '@jest/globals';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import type { RollbackRow } from '../../domain/deployment/rollback.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { VersionRow } from '../../domain/version.ts';
import { authorizeDeployment } from '../../lambdas/authorize-deployment/authorize-deployment.ts';
import { ARTIFACT, CONFIG, DEFINITION, releaseRow } from '../support/approval-fixtures.ts';
import { ApprovalRoom } from '../support/approval-room.ts';
import { InMemoryObjectStore } from '../support/in-memory.ts';
import { InMemoryAuditTrail } from '../support/in-memory-deployment.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';

const ACCOUNT = '000000000000';

async function approved() {
  const room = new ApprovalRoom();
  await room.ask();
  await room.decide(room.linkFor('ada'), { decision: 'approve' });
  await room.decide(room.linkFor('ben'), { decision: 'approve' });
  const objects = new InMemoryObjectStore();
  await objects.put(room.version().artifact.object, ARTIFACT, 'application/gzip');
  const audit = new InMemoryAuditTrail();
  const rollbacks = new InMemoryRollbackStore(room.lineage);
  const authorize = (
    change: { config?: typeof CONFIG; restoreVersion?: number; release?: number; rollback?: number } = {},
  ) =>
    authorizeDeployment({
      lineage: room.lineage,
      approvals: room.approvals,
      objects,
      audit,
      lease: room.lineage,
      rollbacks,
      readDefinition: async () => room.definition,
      config: change.config ?? CONFIG,
      prefix: 'launchway-local',
      accountId: ACCOUNT,
      approvedBucket: `launchway-local-approved-${ACCOUNT}`,
      capturesBucket: `launchway-local-captures-${ACCOUNT}`,
    })({
      model: 'flight-delays',
      release: change.release ?? 14,
      ...(change.restoreVersion !== undefined && { restoreVersion: change.restoreVersion }),
      ...(change.rollback !== undefined && { rollback: change.rollback }),
    });
  return { room, objects, audit, rollbacks, authorize };
}

type Setting = Awaited<ReturnType<typeof approved>>;
const setVersion = ({ room }: Setting, change: Partial<VersionRow>) =>
  room.lineage.versions.set('flight-delays/7', { ...room.version(), ...change });
const setChampion = ({ room }: Setting, version: number, change: Partial<ModelRow> = {}) => {
  const names = { endpointName: 'launchway-local-flight-delays', endpointConfigName: 'c' };
  const champion = { version, ...names, since: '2029-12-01T00:00:00.000Z' };
  room.lineage.models.set('flight-delays', { ...room.lineage.models.get('flight-delays')!, champion, ...change });
};
const setRequest = ({ room }: Setting, change: Partial<ApprovalRequest>) =>
  room.approvals.requests.set(room.request().requestId, { ...room.request(), ...change });

describe('authorizing a deployment', () => {
  it('plans exactly what was approved, under the architecture’s names', async () => {
    const { room, authorize } = await approved();
    const plan = await authorize();
    expect(plan).toMatchObject({
      version: 7,
      digest: room.request().digest,
      modelName: 'launchway-local-flight-delays-v7',
      endpointName: 'launchway-local-flight-delays',
      image: room.version().image,
      artifactUri: `s3://${room.version().artifact.object.bucket}/${room.version().artifact.object.key}`,
      environment: {},
      roleArn: `arn:aws:iam::${ACCOUNT}:role/launchway-local-operations-serve`,
      instanceType: 'ml.m5.large',
      instanceCount: 2,
      captureUri: `s3://launchway-local-captures-${ACCOUNT}/operations/flight-delays/v7`,
      capturePercent: 100,
    });
    expect(plan.endpointConfigName).toMatch(/^launchway-local-flight-delays-v7-[0-9a-f]{8}$/);
    expect(room.lineage.releases.get('flight-delays/14')!.status).toBe('Deploying');
  });

  it('plans how it takes over under alarms, and lets what is put back take over at once', async () => {
    const setting = await approved();
    const { rollout, endpointConfigName } = await setting.authorize();
    expect(rollout!.alarms.map(({ Dimensions }) => Dimensions.at(-1))).toEqual([
      { Name: 'EndpointConfigName', Value: endpointConfigName },
      { Name: 'EndpointConfigName', Value: endpointConfigName },
    ]);
    setVersion(setting, { status: 'Deployed' });
    setChampion(setting, 7);
    expect(await setting.authorize({ restoreVersion: 7 })).not.toHaveProperty('rollout');
  });

  it('gives the same plan again, and another configuration name to another configuration', async () => {
    const { room, authorize } = await approved();
    const first = await authorize();
    expect(await authorize()).toEqual(first);
    room.definition = {
      ...DEFINITION,
      training: { ...DEFINITION.training, framework: 'sklearn-1.2', entryPoint: 'train.py' },
    };
    const second = await authorize();
    expect(second.environment).toMatchObject({
      SAGEMAKER_PROGRAM: 'train.py',
      SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code',
    });
    expect(second.endpointConfigName).not.toBe(first.endpointConfigName);
  });

  it.each<[string, (setting: Setting) => unknown, string]>([
    [
      'artifact row',
      (s) =>
        setVersion(s, {
          artifact: { ...s.room.version().artifact, object: { ...s.room.version().artifact.object, sha256: 'x' } },
        }),
      'artifactSha256',
    ],
    [
      'artifact bytes',
      (s) => s.objects.put(s.room.version().artifact.object, 'other bytes', 'x'),
      'expected artifact sha256',
    ],
    [
      'bucket of the artifact',
      (s) =>
        s.objects.put({ bucket: 'mine', key: 'k' }, ARTIFACT, 'x').then(() =>
          setVersion(s, {
            artifact: {
              ...s.room.version().artifact,
              object: { bucket: 'mine', key: 'k', sha256: s.room.version().artifact.object.sha256 },
            },
          }),
        ),
      'expected the artifact in launchway-local-approved-000000000000, got mine',
    ],
    ['image', (s) => setVersion(s, { image: 'other' }), 'another image'],
    [
      'definition',
      (s) => setVersion(s, { definition: { ...s.room.version().definition, sha256: 'x' } }),
      'another definitionSha256',
    ],
    [
      'dataset',
      (s) =>
        setVersion(s, {
          dataset: { ...s.room.version().dataset, object: { ...s.room.version().dataset.object, sha256: 'x' } },
        }),
      'another datasetSha256',
    ],
    [
      'hold-out',
      (s) => setVersion(s, { prepared: { ...s.room.version().prepared, holdoutSha256: 'x' } }),
      'another holdoutSha256',
    ],
    [
      'metrics',
      (s) => setVersion(s, { evaluation: { ...s.room.version().evaluation!, sha256: 'x' } }),
      'another evaluationSha256',
    ],
    [
      'metrics that people were shown',
      (s) => setVersion(s, { evaluation: { ...s.room.version().evaluation!, metrics: { auc: 0.99 } } }),
      'another metrics',
    ],
    [
      'gates',
      ({ room }) => {
        room.definition = {
          ...DEFINITION,
          validation: { ...DEFINITION.validation, gates: [{ metric: 'auc', atLeast: 0.9 }] },
        };
      },
      'another policy',
    ],
    [
      'champion compared with',
      (s) => setVersion(s, { evaluation: { ...s.room.version().evaluation!, comparedWith: 3 } }),
      'another comparedWith',
    ],
    [
      'serving configuration',
      ({ room }) => {
        room.definition = {
          ...DEFINITION,
          serving: { ...DEFINITION.serving, realtime: { ...DEFINITION.serving.realtime, instance: 'ml.p4d.24xlarge' } },
        };
      },
      'another serving',
    ],
    [
      'capture',
      ({ room }) => {
        room.definition = {
          ...DEFINITION,
          monitoring: { ...DEFINITION.monitoring, capture: { fraction: 0, redact: [], retainDays: 1 } },
        };
      },
      'another captureFraction',
    ],
    [
      'tier',
      ({ room }) => {
        room.definition = { ...DEFINITION, tier: 'standard' };
      },
      'another policy',
    ],
    [
      'version’s status',
      (s) => setVersion(s, { status: 'Validated' }),
      'expected the version to be Approved or Deployed, got Validated',
    ],
    [
      'approval on the version',
      (s) => setVersion(s, { approval: { ...s.room.version().approval!, digest: 'x' } }),
      'expected approval of',
    ],
    [
      'request’s status',
      (s) => setRequest(s, { status: 'Rejected' }),
      'expected the request to be Approved, got Rejected',
    ],
    ['request’s digest', (s) => setRequest(s, { digest: 'x' }), 'expected approval of x'],
    [
      'request’s subject',
      (s) => setRequest(s, { subject: { ...s.room.request().subject, image: 'x' } }),
      'expected the request to hold what digest',
    ],
    [
      'request’s version',
      (s) => setRequest(s, { version: 6 }),
      'expected a request of this version, got one of flight-delays version 6',
    ],
    ['votes', ({ room }) => room.approvals.votes.clear(), 'expected votes for every seat, got 0 that count'],
    [
      'a vote',
      ({ room }) => {
        const [key, vote] = [...room.approvals.votes][0]!;
        room.approvals.votes.set(key, { ...vote, digest: 'x' });
      },
      'got 1 that count',
    ],
    [
      'a rejection',
      ({ room }) => {
        const [key, vote] = [...room.approvals.votes][0]!;
        room.approvals.votes.set(key, { ...vote, choice: 'reject' });
      },
      'expected no rejection, got one',
    ],
    [
      'the request itself',
      ({ room }) => room.approvals.requests.clear(),
      'expected an approval request of this version, got none',
    ],
    [
      'the other request',
      (s) => setVersion(s, { approval: { ...s.room.version().approval!, requestId: 'r9' } }),
      'approved by request',
    ],
  ])('refuses after a change of the %s', async (_what, change, why) => {
    const setting = await approved();
    await change(setting);
    await expect(setting.authorize()).rejects.toMatchObject({
      name: 'DeploymentNotApprovedError',
      message: expect.stringContaining(why),
    });
    expect(setting.room.lineage.releases.get('flight-delays/14')!.status).toBe('AwaitingApproval');
  });

  it('refuses when the tier asks for more than was approved', async () => {
    const { authorize } = await approved();
    const tiers = {
      ...CONFIG.tiers,
      critical: { ...CONFIG.tiers.critical!, approvals: { 'model-risk': 2, business: 1 } },
    };
    await expect(authorize({ config: { ...CONFIG, tiers } })).rejects.toThrow('another policy');
  });

  it('refuses a release nobody was asked about, and one that ended', async () => {
    const setting = await approved();
    const { room, authorize } = setting;
    room.lineage.releases.set('flight-delays/15', releaseRow({ release: 15 }));
    await expect(authorize({ release: 15 })).rejects.toThrow(
      'expected release flight-delays/15 to have been asked about, got none',
    );
    room.lineage.releases.set('flight-delays/14', {
      ...room.lineage.releases.get('flight-delays/14')!,
      status: 'Failed',
    });
    await expect(authorize()).rejects.toMatchObject({ name: 'UnlawfulTransitionError' });
  });

  it('restores a version that served under its own approval, whatever the tier asks today, and records it', async () => {
    const setting = await approved();
    setVersion(setting, { status: 'Retired' });
    setChampion(setting, 7);
    const tiers = { ...CONFIG.tiers, critical: { ...CONFIG.tiers.critical!, approvals: { business: 3 } } };
    expect(await setting.authorize({ restoreVersion: 7, config: { ...CONFIG, tiers } })).toMatchObject({ version: 7 });
    expect(setting.audit.entries).toMatchObject([
      { type: 'RestoreAuthorized', subject: 'version/7', details: { release: 14 } },
    ]);
  });

  it('restores nothing that never served, and nothing that changed since', async () => {
    const setting = await approved();
    setChampion(setting, 7);
    await expect(setting.authorize({ restoreVersion: 7 })).rejects.toThrow(
      'expected the version to be Deployed or Retired, got Approved',
    );
    setVersion(setting, { status: 'Retired', image: 'other' });
    await expect(setting.authorize({ restoreVersion: 7 })).rejects.toThrow('another image');
    const { approval: _none, ...unapproved } = setting.room.version();
    setting.room.lineage.versions.set('flight-delays/7', unapproved);
    await expect(setting.authorize({ restoreVersion: 7 })).rejects.toThrow(
      'expected an approval request of this version, got none',
    );
  });

  it('refuses an approval that was taken back, for a deployment and for a restoration', async () => {
    const setting = await approved();
    const revoked = { by: 'ada', reason: 'the labels were wrong', at: '2030-01-01T01:00:00.000Z' };
    const { approval } = setting.room.version();
    setVersion(setting, { approval: { ...approval!, revoked } });
    await expect(setting.authorize()).rejects.toMatchObject({
      name: 'ApprovalRevokedError',
      message: 'ada took the approval back before it was deployed: the labels were wrong',
    });
    setVersion(setting, { status: 'Retired' });
    await expect(setting.authorize({ restoreVersion: 7 })).rejects.toMatchObject({
      name: 'DeploymentNotApprovedError',
      message: expect.stringContaining('expected an approval that stands, got one that ada took back'),
    });
  });

  it('refuses one that is taken back between the look and the transaction', async () => {
    const setting = await approved();
    const { lineage, approvals } = setting.room;
    const begin = lineage.beginDeployment.bind(lineage);
    lineage.beginDeployment = async (...given) => {
      const revoked = { by: 'ben', reason: 'stop', at: '2030-01-01T01:00:00.000Z' };
      await approvals.revoke(setting.room.request(), revoked, { type: 'x', actor: 'ben', subject: 'x' });
      return begin(...given);
    };
    await expect(setting.authorize()).rejects.toMatchObject({ name: 'ApprovalRevokedError' });
    expect(lineage.releases.get('flight-delays/14')!.status).toBe('AwaitingApproval');
  });

  it('restores a version that is not the champion only where a rollback under way names it', async () => {
    const setting = await approved();
    setVersion(setting, { status: 'Retired' });
    setChampion(setting, 8);
    const neither = 'expected the champion, or the version that a rollback under way names, got neither';
    await expect(setting.authorize({ restoreVersion: 7 })).rejects.toThrow(neither);

    const asked: RollbackRow = {
      ...{ model: 'flight-delays', rollback: 1, status: 'Requested', from: 8, to: 6, reason: 'r', origin: 'o' },
      ...{ requestedBy: { principal: 'p' }, requestedAt: 'now', executionName: 'e' },
    };
    setting.rollbacks.rows.set('flight-delays/1', asked);
    await expect(setting.authorize({ restoreVersion: 7, rollback: 1 })).rejects.toThrow(neither);
    setting.rollbacks.rows.set('flight-delays/1', { ...asked, to: 7 });
    await expect(setting.authorize({ restoreVersion: 7, rollback: 1 })).rejects.toThrow(neither);
    setChampion(setting, 8, { rollingBack: 1 });
    expect(await setting.authorize({ restoreVersion: 7, rollback: 1 })).toMatchObject({ version: 7 });
    setting.rollbacks.rows.set('flight-delays/1', { ...asked, to: 7, status: 'Failed' });
    await expect(setting.authorize({ restoreVersion: 7, rollback: 1 })).rejects.toThrow(neither);

    setting.rollbacks.rows.set('flight-delays/1', { ...asked, to: 7 });
    setVersion(setting, { status: 'Retired', withdrawn: { by: 'ada', at: 'now', reason: 'it leaks' } });
    await expect(setting.authorize({ restoreVersion: 7, rollback: 1 })).rejects.toThrow('got it leaks');
  });

  it('lets a deployment wait while a rollback is under way', async () => {
    const setting = await approved();
    setChampion(setting, 6, { rollingBack: 1 });
    await expect(setting.authorize()).rejects.toMatchObject({ name: 'RollbackRunsError' });
  });
});
