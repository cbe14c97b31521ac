import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectTo } from '../../cli/connection.ts';
import { signedFetch } from '../../cli/signed-fetch.ts';
import { AttackedCloud } from '../attack/attacked-cloud.ts';
import { type DeployedCloud, deployedCloud } from '../support/deployed-cloud.ts';
import { runCli } from '../support/run-cli.ts';

let deployed: DeployedCloud;
let cloud: AttackedCloud;

beforeAll(async () => {
  deployed = await deployedCloud();
  cloud = await AttackedCloud.over(deployed);
}, 240_000);
afterAll(() => deployed?.remove());

const launchway = (as: string | undefined, ...args: string[]) => runCli(args, { stateDir: deployed.stateDir, as });

describe('launchway approve and reject, as the IAM identity of the caller', () => {
  it('takes one approval after the other, and releases the waiting task', async () => {
    const { requestId } = await cloud.ask('by-command');
    const ada = await launchway('ada', 'approvals', '--mine', '--json');
    expect(JSON.parse(ada.stdout)).toMatchObject({
      person: 'Ada (model risk)',
      requests: [{ requestId, model: 'by-command', mine: true }],
    });
    const submitter = await launchway('dana', 'approve', 'by-command', '--yes');
    expect([submitter.code, submitter.stderr]).toEqual([
      1,
      expect.stringContaining('Dana (data scientist) is not asked'),
    ]);

    const first = await launchway('ada', 'approve', requestId, '--reason', 'the gates passed', '--yes');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('You are asked whether version 1 may serve');
    expect(first.stdout).toContain('Approved as Ada (model risk): others are still asked');
    const second = await launchway('ben', 'approve', requestId.slice(0, 12), '--yes', '--json');
    expect(JSON.parse(second.stdout)).toMatchObject({ status: 'Approved', person: 'Ben (business owner)' });

    await cloud.advance(5_000);
    const votes = (await cloud.rows()).filter(({ sk }) => String(sk).startsWith('VOTE#'));
    expect(votes.map(({ person, identity, knownAs }) => [person, identity, knownAs])).toEqual([
      ['ada-approver', 'iam', { issuer: 'iam.amazonaws.com', subject: 'arn:aws:iam::000000000000:user/ada' }],
      ['ben-business', 'iam', { issuer: 'iam.amazonaws.com', subject: 'arn:aws:iam::000000000000:user/ben' }],
    ]);
    const facts = await cloud.snapshot();
    expect(facts.get(cloud.asked('by-command').executionArn)).toMatch(/^SUCCEEDED .*Approved/);
  });

  it('rejects with a reason only, and says what is wrong otherwise', async () => {
    await cloud.ask('by-command-rejected');
    const without = await launchway('ben', 'reject', 'by-command-rejected', '--yes');
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('A rejection needs a reason.')]);
    const done = await launchway('ben', 'reject', 'by-command-rejected', '--yes', '--reason', 'too few rows');
    expect(done.stdout).toContain('Rejected as Ben (business owner): the version is not deployed');
  });

  it('is refused to who has not signed, and to a role of the deployment: none of them is a person', async () => {
    const url = new URL(`${deployed.outputs['launchway-local-pipeline']!.ApprovalUrl}/commands/approvals`);
    const role = deployed.cloud.iam.roles.list().find(({ name }) => /DecideByCommand/.test(name))!;
    const source = 'arn:aws:lambda:eu-west-1:000000000000:function:x';
    const session = await deployed.cloud.assume(role.arn, 'x', 'lambda.amazonaws.com', source);
    const { client, sfn } = await connectTo(deployed.url, 'launchway-local');
    sfn.config.credentials = async () => deployed.cloud.credentialsFor(session);
    expect((await signedFetch({ client, sfn }, url)).status).toBe(403);
    expect((await fetch(url)).status).toBe(403);
  });
});
