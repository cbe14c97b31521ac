import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RollbackWish } from '../../domain/deployment/rollback.ts';
import type { ModelRow } from '../../domain/model.ts';
import type { RegistryChange } from '../../domain/model-registry.ts';
import { authorizeRollback } from '../../lambdas/authorize-rollback/authorize-rollback.ts';
import { closeRollback } from '../../lambdas/close-rollback/close-rollback.ts';
import type { CloseRollbackInput } from '../../lambdas/close-rollback/contract.ts';
import { CloseRollbackInput as CloseRollbackContract } from '../../lambdas/close-rollback/contract.ts';
import { requestRollback } from '../../lambdas/shared/request-rollback.ts';
import { switchChampion } from '../../lambdas/switch-champion/switch-champion.ts';
import { CONFIG, modelRow, releaseRow, versionRow } from '../support/approval-fixtures.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer } from '../support/in-memory.ts';
import { InMemoryChampionStore } from '../support/in-memory-deployment.ts';
import { InMemoryRollbackStore } from '../support/in-memory-rollback-store.ts';

const MODEL = 'flight-delays';
const approval = { requestId: 'q', digest: 'd', approvers: ['ada'], at: '2029-12-01T00:00:00.000Z' };
const names = { endpointName: 'launchway-local-flight-delays', endpointConfigName: 'c8' };

/** Version 8 serves; 7 and 6 served before it. */
function servedModel() {
  const clock = new FixedClock();
  const lineage = new InMemoryLineageStore(clock.now);
  const rollbacks = new InMemoryRollbackStore(lineage);
  const champions = new InMemoryChampionStore(lineage);
  const mailer = new InMemoryMailer();
  for (const [version, status] of [
    [6, 'Retired'],
    [7, 'Retired'],
    [8, 'Deployed'],
  ] as const) {
    lineage.versions.set(`${MODEL}/${version}`, versionRow({ version, release: version * 2, status, approval }));
    const steps = { registration: { packageArn: `package/${version}` } };
    lineage.releases.set(`${MODEL}/${version * 2}`, { ...releaseRow({ release: version * 2, version }), steps });
  }
  const { activeRelease: _none, ...model } = modelRow({
    champion: { version: 8, ...names, since: '2029-12-31T00:00:00.000Z' },
  });
  lineage.models.set(MODEL, model);
  const registered = new Map<string, RegistryChange>();
  const registry = { setStatus: async (arn: string, change: RegistryChange) => void registered.set(arn, change) };
  const dependencies = {
    lineage,
    registry,
    rollbacks,
    executions: rollbacks,
    champions,
    mailer,
    config: CONFIG,
    now: clock.now,
  };
  const wish = (change: Partial<RollbackWish> = {}): RollbackWish => ({
    ...{ reason: 'it answers nonsense', by: { principal: 'AWS:dana', person: 'dana' }, origin: 'upload/a#1' },
    ...change,
  });
  return {
    ...{ clock, lineage, rollbacks, champions, mailer, wish, registered },
    request: (change: Partial<RollbackWish> = {}) => requestRollback(dependencies, MODEL, wish(change)),
    authorize: (rollback: number) => authorizeRollback(dependencies)({ model: MODEL, rollback }),
    switchTo: (rollback: number, version: number) =>
      switchChampion(dependencies)({
        model: MODEL,
        release: version * 2,
        rollback,
        version,
        endpointName: names.endpointName,
        endpointConfigName: `c${version}`,
      }),
    close: (input: Omit<CloseRollbackInput, 'model'>) => closeRollback(dependencies)({ model: MODEL, ...input }),
    /** The workflow, without SageMaker. */
    async run(rollback: number): Promise<void> {
      const { version } = await this.authorize(rollback);
      const proof = { ...names, endpointConfigName: `c${version}`, provedAt: clock.now().toISOString(), smokeRows: 50 };
      await rollbacks.recordProof(MODEL, rollback, proof, { type: 'DeploymentProved', actor: 'a', subject: 's' });
      await this.switchTo(rollback, version);
      await this.close({ rollback });
    },
  };
}

let room: ReturnType<typeof servedModel>;
beforeEach(() => {
  room = servedModel();
});
const setModel = (change: Partial<ModelRow>) =>
  room.lineage.models.set(MODEL, { ...room.lineage.models.get(MODEL)!, ...change });

describe('a rollback', () => {
  it('has the model registry follow: what serves is the newest that is approved there', async () => {
    await room.request();
    await room.run(1);
    expect(Object.fromEntries(room.registered)).toMatchObject({
      'package/8': { status: 'Rejected', stage: { stage: 'Production', status: 'RolledBack' } },
      'package/7': {
        status: 'Approved',
        stage: { stage: 'Production', status: 'Serving' },
        metadata: { approvalRequest: 'q', approvalDigest: 'd' },
      },
      'package/6': { status: 'Approved', stage: { stage: 'Production', status: 'Retired' } },
    });
  });

  it('serves the version before, keeps who asked and why, and tells people how to go forward again', async () => {
    expect(await room.request()).toMatchObject({ kind: 'requested', rollback: { from: 8, to: 7 } });
    expect(room.rollbacks.started).toEqual(['flight-delays-rollback-1']);
    await room.run(1);

    expect(room.lineage.models.get(MODEL)).toMatchObject({ champion: { version: 7, endpointConfigName: 'c7' } });
    expect(room.lineage.models.get(MODEL)!.rollingBack).toBeUndefined();
    expect(room.lineage.versions.get(`${MODEL}/8`)!.status).toBe('Retired');
    expect(room.lineage.versions.get(`${MODEL}/7`)!.status).toBe('Deployed');
    expect(room.rollbacks.audit.map(({ type, actor }) => [type, actor])).toEqual([
      ['RollbackRequested', 'dana'],
      ['DeploymentProved', 'a'],
      ['ModelRolledBack', 'launchway:close-rollback'],
    ]);
    const [mail] = room.mailer.sent;
    expect(mail!.to).toEqual(['ops-analytics@example.com', 'operators@example.com', 'dana@example.com']);
    expect(mail!.subject).toBe('[flight-delays] rolled back: version 7 serves again in place of version 8');
    expect(mail!.text).toContain('it answers nonsense');
    expect(mail!.text).toContain('launchway rollback flight-delays --to 8');
  });

  it('is undone by another, forward', async () => {
    await room.request();
    await room.run(1);
    expect(await room.request({ to: 8, origin: 'upload/b#1' })).toMatchObject({
      kind: 'requested',
      rollback: { from: 7, to: 8 },
    });
    await room.run(2);
    expect(room.lineage.models.get(MODEL)!.champion!.version).toBe(8);
  });

  it('withdraws the version that served where that was asked for, which then serves no more', async () => {
    await room.request({ withdraw: true });
    await room.run(1);
    expect(room.lineage.versions.get(`${MODEL}/8`)!.withdrawn).toMatchObject({
      by: 'dana',
      reason: 'it answers nonsense',
    });
    expect(room.mailer.sent[0]!.text).toContain('it was withdrawn');
    expect(await room.request({ to: 8, origin: 'upload/b#1' })).toEqual({
      kind: 'refused',
      why: 'version 8 was withdrawn: it answers nonsense',
    });
  });

  it('comes once of a request that is delivered many times, at once or later', async () => {
    const all = await Promise.all([room.request(), room.request(), room.request()]);
    expect(new Set(all.map((one) => (one.kind === 'requested' ? one.rollback.rollback : one.why)))).toEqual(
      new Set([1]),
    );
    await room.run(1);
    expect(await room.request()).toMatchObject({ kind: 'requested', rollback: { status: 'RolledBack' } });
    expect(room.rollbacks.rows.size).toBe(1);
  });

  it.each<[string, () => Promise<unknown> | unknown, Partial<RollbackWish>, string]>([
    ['the version serves already', () => {}, { to: 8 }, 'version 8 serves already'],
    [
      'there is no such version',
      () => {},
      { to: 99 },
      'expected a version of flight-delays that served before, got none',
    ],
    [
      'it never served',
      () => room.lineage.versions.set(`${MODEL}/9`, versionRow({ version: 9, status: 'Approved', approval })),
      { to: 9 },
      'version 9 never served: it is Approved',
    ],
    [
      'it has no approval of its own',
      () => room.lineage.versions.set(`${MODEL}/7`, versionRow({ version: 7, status: 'Retired' })),
      { to: 7 },
      'version 7 has no approval of its own',
    ],
    [
      'a release is being deployed',
      () => {
        room.lineage.releases.set(`${MODEL}/14`, releaseRow({ status: 'Deploying' }));
        setModel({ activeRelease: 14 });
      },
      {},
      'release 14 is being deployed',
    ],
    ['another is under way', () => room.request({ origin: 'other' }), {}, 'rollback 1 is under way'],
  ])('is refused where %s', async (_, given, wish, why) => {
    await given();
    expect(await room.request(wish)).toEqual({ kind: 'refused', why });
  });

  it('goes on while a release waits for people: only a deployment stands in its way', async () => {
    room.lineage.releases.set(`${MODEL}/14`, releaseRow({ status: 'AwaitingApproval' }));
    setModel({ activeRelease: 14 });
    expect(await room.request()).toMatchObject({ kind: 'requested' });
  });
});

describe('the workflow', () => {
  it('goes on with nothing that nobody asked for', async () => {
    await expect(room.authorize(1)).rejects.toMatchObject({ name: 'NotFoundError' });
    await room.request();
    await room.run(1);
    await expect(room.authorize(1)).rejects.toMatchObject({ name: 'RollbackRefusedError' });
  });

  it('makes nothing the champion that was not proved', async () => {
    await room.request();
    await expect(room.switchTo(1, 7)).rejects.toMatchObject({ name: 'DeploymentNotProvedError' });
    await expect(room.switchTo(1, 6)).rejects.toMatchObject({ name: 'DeploymentNotProvedError' });
  });

  it('says why it failed, what serves, and gives the lease back; once', async () => {
    await room.request();
    const failed = { rollback: 1, error: { Error: 'EndpointFailedError', Cause: 'ping' } };
    expect(await room.close({ ...failed, restoreError: { Error: 'EndpointStuckError', Cause: 'busy' } })).toEqual({
      status: 'Failed',
      serving: 8,
    });
    await room.close(failed);
    expect(room.mailer.sent).toHaveLength(1);
    expect(room.mailer.sent[0]!.subject).toBe(
      '[flight-delays] NOT rolled back to version 7: EndpointFailedError: ping; and what served could not be restored: EndpointStuckError: busy',
    );
    expect(room.lineage.models.get(MODEL)!.rollingBack).toBeUndefined();
    expect(await room.request({ origin: 'again' })).toMatchObject({ kind: 'requested', rollback: { rollback: 2 } });
  });

  it('takes the champion of the table for the truth where an answer was lost', async () => {
    await room.request();
    const proof = { ...names, endpointConfigName: 'c7', provedAt: 'now', smokeRows: 50 };
    await room.rollbacks.recordProof(MODEL, 1, proof, { type: 'DeploymentProved', actor: 'a', subject: 's' });
    await room.switchTo(1, 7);
    expect(await room.close({ rollback: 1, error: { Error: 'Lambda.Unknown' } })).toEqual({
      status: 'RolledBack',
      serving: 7,
    });
  });

  it('closes a rollback whose execution was stopped', () => {
    const input = JSON.stringify({ model: MODEL, rollback: 1 });
    expect(CloseRollbackContract.parse({ status: 'ABORTED', input, error: null, cause: null })).toEqual({
      model: MODEL,
      rollback: 1,
      error: { Error: 'ABORTED', Cause: "the workflow's execution ended ABORTED" },
    });
  });
});
