import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { keys } from '../../adapters/dynamodb-table.ts';
import { connectTo } from '../../cli/connection.ts';
import { signedFetch } from '../../cli/signed-fetch.ts';
import { nextEntry } from '../../domain/audit-chain.ts';
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

  it('asks, answers, says what was said, and takes the question back for who submitted', async () => {
    await cloud.ask('by-command-withdrawn');
    const release = 'by-command-withdrawn/1';
    expect((await launchway('ada', 'ask', release, '--text', 'Why is May missing?')).stdout).toContain('Asked.');
    expect((await launchway('dana', 'answer', release, '--text', 'The airport was closed.')).stdout).toContain(
      'Answered.',
    );
    const said = (await launchway('ben', 'thread', release)).stdout;
    expect(said).toMatch(/Ada \(model risk\), question[\s\S]*Why is May missing\?[\s\S]*The airport was closed\./);
    const away = await launchway('ada', 'delegate', release, '--to', 'ben-business', '--until', '2099-01-01');
    expect([away.code, away.stderr]).toEqual([1, expect.stringContaining('At most 92 days')]);
    const wrong = await launchway('ada', 'withdraw', release, '--reason', 'stop');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('expected one of ask, comment')]);
    const done = await launchway('dana', 'withdraw', release, '--reason', 'wrong file', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({ message: expect.stringContaining('Withdrawn.') });
    await cloud.advance(5_000);
    const facts = await cloud.snapshot();
    expect(facts.get(cloud.asked('by-command-withdrawn').executionArn)).toMatch(/^SUCCEEDED .*Withdrawn/);
  });

  it('shows, tells and escalates a mail that bounces', async () => {
    const becomes = async (outcome: string) => {
      const body = JSON.stringify({ address: 'ben@example.com', outcome });
      const headers = { 'content-type': 'application/json' };
      const { status } = await fetch(`${deployed.url}/_launchway/ses/recipient`, { method: 'POST', headers, body });
      expect(status).toBe(204);
    };
    await becomes('bounce');
    await cloud.ask('bounced');
    await cloud.advance(10_000);
    await cloud.snapshot();
    const { body } = await cloud.send(cloud.link('bounced'));
    expect(body).toContain('Ben (business owner): the mail came back');
    const told = (await cloud.inbox()).find(({ to }) => to.includes('operators@example.com'));
    expect(told!.subject).toBe('[bounced] version 1: Ben (business owner) was not reached');
    expect(told!.text.replace(/\s+/g, ' ')).toContain('nobody else can fill the seat');
    await becomes('deliver');
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

describe('A17: launchway audit, on a cloud whose clock has moved past the hour', () => {
  const heads = () => `launchway-local-heads-${cloud.connection.account}`;
  const chain = () => new DynamoDbAuditTrail(cloud.connection.table).list('by-command');

  it('prints who did what, and proves the chain against heads under Object Lock', async () => {
    await cloud.advance(3_600_000);
    const printed = await launchway(undefined, 'audit', 'by-command');
    expect(printed.stdout).toMatch(
      /ada-approver +vote recorded +approval\/r[0-9a-f]{8}… +choice approve, reason the gates passed/,
    );
    const { length } = await chain();
    const verified = await launchway(undefined, 'audit', 'verify', 'by-command', '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({
      intact: true,
      entries: length,
      anchored: { sequence: length },
      heads: 1,
    });
  });

  it('nobody deletes or replaces a head: not a person who may do everything, not the role that wrote it', async () => {
    const { s3 } = cloud.connection;
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: heads(), Prefix: 'by-command/' }));
    const [{ Key, VersionId } = {}] = Versions!;
    const attempts = [
      new DeleteObjectCommand({ Bucket: heads(), Key }),
      new DeleteObjectCommand({ Bucket: heads(), Key, VersionId }),
      new DeleteObjectCommand({ Bucket: heads(), Key, VersionId, BypassGovernanceRetention: true }),
    ];
    for (const attempt of attempts) await expect(s3.send(attempt)).rejects.toMatchObject({ name: 'AccessDenied' });
    const put = { Bucket: heads(), Key, Body: '{}' };
    await expect(s3.send(new PutObjectCommand(put))).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(s3.send(new PutObjectCommand({ ...put, IfNoneMatch: '*' }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  });

  it('names a row that somebody rewrote with everything after it, and the alert says so within the hour', async () => {
    const { table } = cloud.connection;
    const entries = await chain();
    const forged = entries.slice(0, 1);
    for (const { type, subject, at } of entries.slice(1)) {
      forged.push(nextEntry('by-command', forged.at(-1), { type, subject, actor: 'eve' }, at));
    }
    for (const entry of forged) {
      const Item = { ...keys.audit('by-command', entry.sequence), ...entry };
      await table.client.send(new PutCommand({ TableName: table.name, Item }));
    }
    const verified = await launchway(undefined, 'audit', 'verify', 'by-command');
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain(`Entry ${entries.length} of by-command is altered`);
    await new DynamoDbAuditTrail(table).append('by-command', { type: 'Touched', actor: 'eve', subject: 'x' });
    await cloud.advance(3_600_000);
    const alerts = (await cloud.inbox()).filter(({ subject }) =>
      subject.includes('audit chain of by-command is broken'),
    );
    expect(alerts).toHaveLength(1);
  });
});
