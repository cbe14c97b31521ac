import { beforeEach, describe, expect, it } from '@jest/globals';
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

  it('records a deployment that the deploying step has already made final', async () => {
    const row = await world.ledger.getRelease('flight-delays', 1);
    world.ledger.releases.set('flight-delays/1', { ...row, status: 'Deployed', version: 1 });
    expect(await world.closeRelease({ ...AT, outcome: 'Deployed' })).toEqual({
      status: 'Deployed',
      message: 'version 1 serves',
    });
  });
});
