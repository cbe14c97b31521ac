import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ApprovalRequest } from '../../domain/approval/approval-request.ts';
import { CloseReleaseInput } from '../../lambdas/close-release/contract.ts';
import { ARTIFACTS, flights, ReleaseWorld } from '../support/release-world.ts';

const AT = { model: 'flight-delays', release: 1 };
const nested = (name: string, Cause: string) => ({
  Error: 'States.TaskFailed',
  Cause: JSON.stringify({ ExecutionArn: 'arn', Status: 'FAILED', Error: name, Cause }),
});
const thrown = (errorType: string, errorMessage: string) =>
  nested(errorType, JSON.stringify({ errorType, errorMessage, trace: [] }));

describe('closeRelease', () => {
  let world: ReleaseWorld;
  beforeEach(async () => {
    world = await new ReleaseWorld().withModel();
    await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(200)));
    const { executionName } = await world.ledger.getRelease('flight-delays', 1);
    await world.openRelease({ ...AT, executionName });
  });

  it.each([
    [thrown('DatasetRefusedError', 'column "origin" is missing'), 'Refused', 'your data'],
    [thrown('TrainingFailedError', "job failed: AlgorithmError: KeyError: 'origin'"), 'Failed', 'your code'],
    [nested('States.TaskFailed', thrown('ArtifactRefusedError', 'a link').Cause), 'Refused', 'your code'],
    [nested('SageMaker.ResourceLimitExceededException', 'limit is 0 instances'), 'Failed', 'quota or capacity'],
    [thrown('TrainingFailedError', 'job failed: CapacityError: no capacity'), 'Failed', 'quota or capacity'],
    [thrown('TrainingFailedError', 'job failed: InternalServerError'), 'Failed', 'AWS'],
    [thrown('TrainingTimedOutError', 'stopped after 60 min'), 'Failed', 'your code'],
    [thrown('TrainingStoppedError', 'somebody stopped it'), 'Failed', 'an operator'],
    [thrown('SpotWaitExceededError', 'no spot instances'), 'Failed', 'quota or capacity'],
    [thrown('SpotInterruptedError', 'interrupted twice'), 'Failed', 'quota or capacity'],
    [thrown('CapacityUnavailableError', 'AWS has no ml.m5.large'), 'Failed', 'quota or capacity'],
    [thrown('ModelMissingError', 'got no file'), 'Refused', 'your code'],
    [thrown('ModelTooLargeError', 'at most 1 byte'), 'Refused', 'your code'],
    [
      nested('States.TaskFailed', JSON.stringify({ TransformJobName: 'x', FailureReason: 'AlgorithmError: see log' })),
      'Failed',
      'your code',
    ],
    [{ Error: 'States.Timeout' }, 'Failed', 'Launchway'],
    [{ Error: 'States.TaskFailed', Cause: '{cut off' }, 'Failed', 'Launchway'],
  ] as const)('says whose %j is', async (error, status, whose) => {
    const closed = await world.closeRelease({ ...AT, outcome: 'Failed', step: 'Some Step', error });
    expect(closed.status).toBe(status);
    const row = await world.ledger.getRelease('flight-delays', 1);
    expect(row).toMatchObject({ status, outcome: { whose, step: 'Some Step' } });
    expect((await world.ledger.getModel('flight-delays')).activeRelease).toBeUndefined();
    expect(world.mailer.sent.at(-1)!.subject).toContain(`release 1 stopped in Some Step — ${whose}`);
  });

  it('shows the end of the training log with secrets masked', async () => {
    world.logLines = ['Traceback', 'aws_secret_access_key=abcdefgh', "KeyError: 'origin'"];
    await world.closeRelease({
      ...AT,
      outcome: 'Failed',
      step: 'Train Model',
      error: thrown('TrainingFailedError', 'AlgorithmError'),
    });
    const { outcome } = await world.ledger.getRelease('flight-delays', 1);
    expect(outcome?.logTail).toEqual(['Traceback', 'aws_secret_access_key=***', "KeyError: 'origin'"]);
    expect(world.mailer.sent.at(-1)!.text).not.toContain('abcdefgh');
  });

  it('writes a report, and repeating it keeps the first end', async () => {
    await world.closeRelease({ ...AT, outcome: 'Failed', error: { Error: 'States.Timeout' } });
    const again = await world.closeRelease({ ...AT, outcome: 'Withdrawn' });
    expect(again.status).toBe('Failed');
    const key = 'operations/flight-delays/releases/1/report.json';
    expect(JSON.parse(await world.objects.readText({ bucket: ARTIFACTS, key }))).toMatchObject({ status: 'Failed' });
    expect(world.ledger.audit.filter(({ type }) => type === 'ReleaseEnded')).toHaveLength(1);
  });

  it('tells of a waiting upload that cannot be started any more', async () => {
    await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(201)));
    world.image = undefined;
    await world.closeRelease({ ...AT, outcome: 'Withdrawn' });
    expect((await world.ledger.getModel('flight-delays')).queued).toBeUndefined();
    expect([...world.ledger.refusals.values()]).toHaveLength(1);
    expect(world.mailer.sent.map(({ subject }) => subject)).toContainEqual(expect.stringContaining('upload refused'));
  });

  it('ends a release whose execution was stopped, and does nothing the second time', async () => {
    await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(201)));
    const input = CloseReleaseInput.parse({
      status: 'ABORTED',
      input: JSON.stringify(AT),
      error: null,
      cause: null,
      executionArn: 'arn',
    });
    expect(await world.closeRelease(input)).toMatchObject({ status: 'Failed' });
    expect(await world.ledger.getModel('flight-delays')).toMatchObject({ activeRelease: 2 });
    const row = await world.ledger.getRelease('flight-delays', 1);
    expect(row.outcome).toMatchObject({ step: 'Release', error: 'ABORTED' });
    const mails = world.mailer.sent.length;
    await world.closeRelease(input);
    expect(world.mailer.sent).toHaveLength(mails);
    expect(await world.ledger.getRelease('flight-delays', 1)).toEqual(row);
    expect(await world.ledger.getModel('flight-delays')).toMatchObject({ activeRelease: 2 });
  });

  it('is repeated where the upload that waits could not be started, and then tells the owner', async () => {
    await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(201)));
    const { admit } = world.ledger;
    world.ledger.admit = async () => false;
    const closing = { ...AT, outcome: 'Withdrawn' } as const;
    await expect(world.closeRelease(closing)).rejects.toThrow('got a change each time');
    expect(world.mailer.sent).toHaveLength(0);
    world.ledger.admit = admit;
    await world.closeRelease(closing);
    expect(await world.ledger.getModel('flight-delays')).toMatchObject({ activeRelease: 2 });
    expect(world.mailer.sent).toHaveLength(1);
  });

  it('starts the release that waits before the experiment that waits; neither displaces the other', async () => {
    await world.deliver(await world.upload('models/flight-delays/data/train.csv', flights(201)));
    await world.deliver(await world.upload('models/flight-delays/experiments/train.csv', flights(202)));
    await world.closeRelease({ ...AT, outcome: 'Withdrawn' });
    expect(await world.ledger.getRelease('flight-delays', 2)).toMatchObject({ purpose: 'release' });
    await world.closeRelease({ ...AT, release: 2, outcome: 'Withdrawn' });
    expect(await world.ledger.getRelease('flight-delays', 3)).toMatchObject({ purpose: 'experiment' });
    const { queued, queuedExperiment } = await world.ledger.getModel('flight-delays');
    expect([queued, queuedExperiment]).toEqual([undefined, undefined]);
  });

  it.each(['{"model":', '"text"', '{"model":"flight-delays"}'])('refuses the input %j of an execution', (input) => {
    expect(CloseReleaseInput.safeParse({ status: 'FAILED', input }).success).toBe(false);
  });

  it('withdraws a request that people are still asked', async () => {
    const pending = {
      requestId: 'r1'.padEnd(20, '0'),
      ...AT,
      status: 'Pending',
      revision: 1,
      sealedToken: 't',
    } as ApprovalRequest;
    world.approvals.requests.set('r1'.padEnd(20, '0'), pending);
    const row = await world.ledger.getRelease('flight-delays', 1);
    world.ledger.releases.set('flight-delays/1', {
      ...row,
      status: 'AwaitingApproval',
      steps: { ...row.steps, approval: { requestId: 'r1'.padEnd(20, '0') } },
    });
    await world.closeRelease({ ...AT, outcome: 'Failed', error: { Error: 'States.Timeout' } });
    expect(world.approvals.requests.get('r1'.padEnd(20, '0'))).toMatchObject({ status: 'Withdrawn' });
    expect(world.approvals.audit).toMatchObject([{ type: 'ApprovalWithdrawn', details: { status: 'Failed' } }]);
  });

  it('records a deployment that the deploying step has already made final', async () => {
    const row = await world.ledger.getRelease('flight-delays', 1);
    world.ledger.releases.set('flight-delays/1', { ...row, status: 'Deployed', version: 1 });
    expect(await world.closeRelease({ ...AT, outcome: 'Deployed' })).toEqual({
      status: 'Deployed',
      message: 'version 1 serves',
    });
  });
});
