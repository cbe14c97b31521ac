import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbChampionStore } from '../../adapters/dynamodb-champion-store.ts';
import { DynamoDbDelegationStore } from '../../adapters/dynamodb-delegation-store.ts';
import { DynamoDbDigestStore } from '../../adapters/dynamodb-digest-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbReviewStore } from '../../adapters/dynamodb-review-store.ts';
import { DynamoDbStartIntents, startIntentItem } from '../../adapters/dynamodb-start-intents.ts';
import { DynamoDbTable, keys } from '../../adapters/dynamodb-table.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { KmsTokenVault } from '../../adapters/kms-token-vault.ts';
import { decodeLink, encodeLink } from '../../domain/approval/approval-link.ts';
import type { Vote } from '../../domain/approval/approval-request.ts';
import { castVote } from '../../domain/approval/cast-vote.ts';
import { verifyChain } from '../../domain/audit-chain.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';
import { approvalRequest, modelRow, releaseRow, versionRow } from '../support/approval-fixtures.ts';

const AUDIT = { type: 'Tested', actor: 'test', subject: 'approval/x' };
const MODEL = 'flight-delays';

let cloud: SmallCloud;
let dynamoDb: DynamoDBDocumentClient;
let table: DynamoDbTable;
let store: DynamoDbApprovalStore;
let lineage: DynamoDbLineageStore;
let tables = 0;

beforeAll(async () => {
  cloud = await SmallCloud.start();
  dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(cloud.client), {
    marshallOptions: { removeUndefinedValues: true },
  });
});

afterAll(() => cloud.stop());

beforeEach(async () => {
  const name = `lineage-${++tables}`;
  await dynamoDb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  table = new DynamoDbTable(name, () => new Date('2030-01-01T00:00:00Z'), dynamoDb);
  store = new DynamoDbApprovalStore(table);
  lineage = new DynamoDbLineageStore(table);
  await put(keys.model(MODEL), modelRow());
  await put(keys.release(MODEL, 14), releaseRow());
  await put(keys.version(MODEL, 7), versionRow());
});

const put = (key: object, row: object) =>
  dynamoDb.send(new PutCommand({ TableName: table.name, Item: { ...key, ...row } }));

const request = approvalRequest();
const now = new Date('2030-01-01T01:00:00Z');

const ballotOf = (person: string): Vote => ({
  requestId: request.requestId,
  person,
  choice: 'approve',
  reason: '',
  at: now.toISOString(),
  digest: request.digest,
  identity: 'link',
});

/** Judges and commits as the page does; true where the vote counted. */
async function vote(person: string, choice: Vote['choice'] = 'approve'): Promise<boolean> {
  for (;;) {
    const read = (await store.findRequest(request.requestId))!;
    const ballot = { person, choice, reason: 'because', digest: request.digest, identity: 'link' } as const;
    const result = castVote(read, await store.listVotes(request.requestId), ballot, now);
    if (result.kind === 'Refused') return false;
    const approval = {
      requestId: read.requestId,
      digest: read.digest,
      approvers: result.approvers,
      at: result.vote.at,
    };
    const { status } = result;
    const decision = status === 'Pending' ? undefined : { status, approval };
    if (await store.commitVote(read, result.vote, decision, AUDIT)) return true;
  }
}

describe('the approval store on DynamoDB', () => {
  it('opens a request with its release, once', async () => {
    const { request: opened } = await store.open(request, AUDIT);
    expect(await store.findRequest(request.requestId)).toEqual(opened);
    expect(await lineage.getRelease(MODEL, 14)).toMatchObject({
      status: 'AwaitingApproval',
      steps: { approval: { requestId: request.requestId } },
    });
    const again = await store.open({ ...request, requestId: `r${'2'.repeat(40)}` }, AUDIT);
    expect(again).toEqual({ request: opened, superseded: [] });
    expect(await store.findRequest(`r${'2'.repeat(40)}`)).toBeUndefined();
  });

  it('refuses a release that is not validated', async () => {
    await put(keys.release(MODEL, 14), releaseRow({ status: 'Training' }));
    await expect(store.open(request, AUDIT)).rejects.toThrow(
      'expected release flight-delays/14 in Validating, got Training',
    );
  });

  it('commits one vote per person and one decision, whoever votes at once', async () => {
    await store.open(request, AUDIT);
    const people = ['ada', 'ada', 'ada', 'ada', 'abe', 'abe', 'ben', 'ben'];
    const counted = await Promise.all(people.map((person) => vote(person)));
    expect(counted.filter(Boolean)).toHaveLength(2);
    expect(await store.listVotes(request.requestId)).toHaveLength(2);
    expect(await store.findRequest(request.requestId)).toMatchObject({ status: 'Approved', revision: 3 });
    expect(await lineage.getVersion(MODEL, 7)).toMatchObject({
      status: 'Approved',
      approval: { digest: request.digest },
    });
    expect(await store.listCallbacks()).toMatchObject([{ requestId: request.requestId, decision: 'Approved' }]);
  });

  it('writes when an approval is to be reviewed with the deciding vote, apart from reminders, and claims it once', async () => {
    const reviews = new DynamoDbReviewStore(table);
    await store.open(request, AUDIT);
    const read = (await store.findRequest(request.requestId))!;
    const { requestId, digest } = read;
    const approval = { requestId, digest, approvers: ['ada'], at: now.toISOString(), reviewBy: '2030-03-01' };
    expect(await reviews.list()).toEqual([]);
    expect(await store.commitVote(read, ballotOf('ada'), { status: 'Approved', approval }, AUDIT)).toBe(true);
    expect((await lineage.getVersion(MODEL, 7)).approval).toEqual(approval);
    const review = { requestId, model: MODEL, version: 7, reviewBy: '2030-03-01' };
    expect(await reviews.list()).toEqual([review]);
    expect((await store.listReminders()).map((one) => one.requestId)).toEqual([requestId]);
    const claim = () => reviews.claim(review, '2030-03-01T00:00:00.000Z', AUDIT);
    expect((await Promise.all([claim(), claim(), claim()])).filter(Boolean)).toHaveLength(1);
    expect(await reviews.list()).toEqual([{ ...review, toldAt: '2030-03-01T00:00:00.000Z' }]);
    expect(await reviews.claim({ ...review, requestId: 'another' }, now.toISOString(), AUDIT)).toBe(false);
  });

  it('gives the digest of a working day to a person once, and none of a day before', async () => {
    const digests = new DynamoDbDigestStore(table);
    await store.open(request, AUDIT);
    const claim = (person: string, date: string) => digests.claim(person, date);
    const claims = await Promise.all([
      claim('ada', '2030-01-02'),
      claim('ada', '2030-01-02'),
      claim('ben', '2030-01-02'),
    ]);
    expect(claims.filter(Boolean)).toHaveLength(2);
    expect(await claim('ada', '2030-01-01')).toBe(false);
    expect(await claim('ada', '2030-01-03')).toBe(true);
    expect((await store.listReminders()).map((one) => one.requestId)).toEqual([request.requestId]);
    expect(await new DynamoDbReviewStore(table).list()).toEqual([]);
  });

  it('commits one of 50 votes of one person', async () => {
    await store.open(request, AUDIT);
    const read = (await store.findRequest(request.requestId))!;
    const cast: Vote = {
      requestId: read.requestId,
      person: 'ada',
      choice: 'reject',
      reason: 'no',
      at: now.toISOString(),
      digest: read.digest,
      identity: 'link',
    };
    const decision = { status: 'Rejected' as const, approval: undefined };
    const commits = await Promise.all(Array.from({ length: 50 }, () => store.commitVote(read, cast, decision, AUDIT)));
    expect(commits.filter(Boolean)).toHaveLength(1);
    expect((await lineage.getVersion(MODEL, 7)).status).toBe('Rejected');
  });

  it('commits nothing at the moment of expiry', async () => {
    await store.open(request, AUDIT);
    const read = (await store.findRequest(request.requestId))!;
    const late: Vote = { ...ballotOf('ada'), at: request.expiresAt };
    expect(await store.commitVote(read, late, undefined, AUDIT)).toBe(false);
    expect(await store.close(request.requestId, 'Expired', request.expiresAt, AUDIT)).toMatchObject({
      status: 'Expired',
    });
    expect(await vote('ada')).toBe(false);
    expect(await store.listCallbacks()).toEqual([]);
  });

  it('takes an approval back once, and only that of its own request', async () => {
    await store.open(request, AUDIT);
    const revoked = { by: 'ada', reason: 'the labels were wrong', at: now.toISOString() };
    expect(await store.revoke(request, revoked, AUDIT)).toBe(false);
    await vote('ada');
    await vote('abe');
    const revoke = () => store.revoke(request, revoked, AUDIT);
    expect((await Promise.all([revoke(), revoke(), revoke()])).filter(Boolean)).toHaveLength(1);
    expect((await lineage.getVersion(MODEL, 7)).approval).toMatchObject({ requestId: request.requestId, revoked });
    expect(await store.revoke({ ...request, requestId: 'another' }, revoked, AUDIT)).toBe(false);
  });

  it('withdraws a question with who and why, or leaves what was decided first', async () => {
    await store.open(request, AUDIT);
    const withdrawn = { by: 'dana', reason: 'wrong file', at: now.toISOString() };
    const withdraw = store.close(request.requestId, 'Withdrawn', now.toISOString(), AUDIT, withdrawn);
    const [closed] = await Promise.all([withdraw, vote('ada', 'reject')]);
    const after = (await store.findRequest(request.requestId))!;
    expect(['Withdrawn', 'Rejected']).toContain(after.status);
    expect(closed).toEqual(after);
    expect(after.withdrawn).toEqual(after.status === 'Withdrawn' ? withdrawn : undefined);
    expect(await store.findCallback(request.requestId)).toMatchObject({ decision: after.status });
  });

  it('moves seats with the delegation that its maker records, both or neither', async () => {
    await store.open(request, AUDIT);
    const delegations = new DynamoDbDelegationStore(table);
    const recorded = {
      person: 'abe',
      to: 'ben',
      from: '2030-01-01',
      until: '2030-01-08',
      requestId: request.requestId,
      recordedAt: now.toISOString(),
    };
    const approvers = request.approvers.slice(1);
    const move = () => delegations.moveSeats(request, approvers, AUDIT, recorded);
    expect((await Promise.all([move(), move()])).filter(Boolean)).toHaveLength(1);
    expect((await store.findRequest(request.requestId))?.approvers).toEqual(approvers);
    expect(await delegations.list()).toEqual([recorded]);
    // The vote was judged by who was asked before.
    expect(await store.commitVote(request, { ...ballotOf('abe'), choice: 'approve' }, undefined, AUDIT)).toBe(false);
    const end = () => delegations.end(recorded, recorded.from, MODEL, AUDIT);
    expect((await Promise.all([end(), end()])).filter(Boolean)).toHaveLength(1);
    expect(await delegations.list()).toEqual([{ ...recorded, until: recorded.from }]);
    const again = { ...recorded, until: '2030-01-09' };
    const read = (await store.findRequest(request.requestId))!;
    expect(await delegations.moveSeats(read, approvers, AUDIT, again)).toBe(true);
    expect(await delegations.list()).toEqual([again]);
  });

  it('moves a reminder to its next stage once, adds approvers with it, and drops it once', async () => {
    await store.open(request, AUDIT);
    const [reminder] = await store.listReminders();
    expect(reminder).toMatchObject({ requestId: request.requestId, stage: 'Asked', since: request.createdAt });
    const approvers = [...request.approvers, { person: 'eve', roles: ['business'], escalated: true }];
    const pressure = { stage: 'Escalated' as const, reminded: ['ada'], remind: [] };
    const claim = () => store.claimReminder(reminder!, pressure, request, approvers, AUDIT);
    expect((await Promise.all([claim(), claim(), claim()])).filter(Boolean)).toHaveLength(1);
    expect((await store.findRequest(request.requestId))?.approvers).toEqual(approvers);
    const [escalated] = await store.listReminders();
    expect(escalated).toMatchObject({ stage: 'Escalated' });
    await store.dropReminder({ ...escalated!, expiresAt: 'another' });
    expect(await store.listReminders()).toHaveLength(1);
    await store.dropReminder(escalated!);
    await store.dropReminder(escalated!);
    expect(await store.listReminders()).toEqual([]);
  });

  it('never lets an older release stand over a newer one, in whatever order two ask at once', async () => {
    for (const releases of [
      [14, 15],
      [15, 14],
    ]) {
      const base = 100 * releases[0]!;
      const numbers = releases.map((release) => base + release);
      for (const release of numbers) {
        await put(keys.release(MODEL, release), releaseRow({ release, version: 7 }));
      }
      const asks = numbers.map((release) =>
        store.open(approvalRequest({ requestId: `r${String(release).padStart(40, '0')}`, release }), AUDIT),
      );
      await Promise.all(asks);
      const statusOf = async (release: number) =>
        (await store.findRequest(`r${String(release).padStart(40, '0')}`))?.status;
      expect(await statusOf(Math.max(...numbers))).toBe('Pending');
      expect(await statusOf(Math.min(...numbers))).toBe('Superseded');
      const answered = (await store.listCallbacks()).map(({ release }) => release);
      expect(answered).toContain(Math.min(...numbers));
      expect(answered).not.toContain(Math.max(...numbers));
    }
  });

  it('supersedes an older request with its callback, and is born superseded after a newer one', async () => {
    await store.open(request, AUDIT);
    await put(keys.release(MODEL, 15), releaseRow({ release: 15, version: 8 }));
    const newer = approvalRequest({ requestId: `r${'3'.repeat(40)}`, release: 15, version: 8 });
    expect(await store.open(newer, AUDIT)).toMatchObject({ superseded: [request.requestId] });
    expect(await store.findRequest(request.requestId)).toMatchObject({ status: 'Superseded', supersededBy: 15 });
    await put(keys.release(MODEL, 13), releaseRow({ release: 13, version: 6 }));
    const older = approvalRequest({ requestId: `r${'4'.repeat(40)}`, release: 13, version: 6 });
    expect(await store.open(older, AUDIT)).toMatchObject({
      request: { status: 'Superseded' },
      superseded: [older.requestId],
    });
    expect((await store.listCallbacks()).map(({ decision }) => decision)).toEqual(['Superseded', 'Superseded']);
  });

  it('resumes with a new token, and a confirmed old callback does not take the new one with it', async () => {
    await store.open(request, AUDIT);
    await vote('ada', 'reject');
    const old = (await store.findCallback(request.requestId))!;
    const task = { sealedToken: 'sealed-new', expiresAt: '2030-01-05T00:00:00.000Z' };
    expect(await store.resume(request.requestId, task, now.toISOString(), AUDIT)).toMatchObject({ status: 'Rejected' });
    await store.confirmCallback(old, AUDIT);
    const callback = (await store.findCallback(request.requestId))!;
    expect(callback).toMatchObject({ sealedToken: 'sealed-new', decision: 'Rejected' });
    await store.confirmCallback(callback, AUDIT);
    await store.confirmCallback(callback, AUDIT);
    expect(await store.listCallbacks()).toEqual([]);
  });

  it('withdraws with a callback, marks as notified, and knows what does not exist', async () => {
    await store.open({ ...request, notified: false }, AUDIT);
    await store.markNotified(request.requestId);
    expect(await store.findRequest(request.requestId)).toMatchObject({ notified: true });
    await store.close(request.requestId, 'Withdrawn', now.toISOString(), AUDIT);
    expect(await store.listCallbacks()).toMatchObject([{ decision: 'Withdrawn' }]);
    await expect(store.close('r0', 'Expired', now.toISOString(), AUDIT)).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  it('leaves an audit chain that verifies', async () => {
    await store.open(request, AUDIT);
    await Promise.all([vote('ada'), vote('ben')]);
    const entries = await new DynamoDbAuditTrail(table).list(MODEL);
    expect(verifyChain(MODEL, entries)).toMatchObject({ intact: true, entries: 3 });
    expect(verifyChain(MODEL, entries.toSpliced(1, 1))).toMatchObject({
      intact: false,
      sequence: 2,
      problem: 'missing',
    });
    await put(keys.audit(MODEL, 2), { ...entries[1]!, actor: 'eve' });
    const altered = await new DynamoDbAuditTrail(table).list(MODEL);
    expect(verifyChain(MODEL, altered)).toMatchObject({ intact: false, sequence: 2, problem: 'altered' });
  });
});

describe('a retried move', () => {
  it('is a no-op where it has happened, and unlawful elsewhere', async () => {
    await lineage.moveRelease(MODEL, 14, 'AwaitingApproval', {}, AUDIT);
    await lineage.moveRelease(MODEL, 14, 'AwaitingApproval', {}, AUDIT);
    expect(await new DynamoDbAuditTrail(table).list(MODEL)).toHaveLength(1);
    await expect(lineage.moveRelease(MODEL, 14, 'Training', {}, AUDIT)).rejects.toThrow('got AwaitingApproval');
  });
});

describe('the champion on DynamoDB', () => {
  const champion = { version: 7, endpointName: 'e', endpointConfigName: 'c7', since: '2030-01-01T00:00:00.000Z' };

  it('switches versions in one transaction, once', async () => {
    const champions = new DynamoDbChampionStore(table);
    await put(keys.version(MODEL, 7), versionRow({ status: 'Approved' }));
    expect(await champions.switchTo(MODEL, champion, AUDIT)).toEqual({});
    expect(await champions.switchTo(MODEL, champion, AUDIT)).toEqual({});
    await put(keys.version(MODEL, 8), versionRow({ version: 8, status: 'Approved' }));
    expect(await champions.switchTo(MODEL, { ...champion, version: 8, endpointConfigName: 'c8' }, AUDIT)).toEqual({
      previous: 7,
    });
    expect((await lineage.getVersion(MODEL, 7)).status).toBe('Retired');
    expect((await lineage.getVersion(MODEL, 8)).status).toBe('Deployed');
    expect((await lineage.getModel(MODEL)).champion).toMatchObject({ version: 8, endpointConfigName: 'c8' });
    expect(await new DynamoDbAuditTrail(table).list(MODEL)).toHaveLength(2);
  });

  it('is not taken by a version that was not approved', async () => {
    await expect(new DynamoDbChampionStore(table).switchTo(MODEL, champion, AUDIT)).rejects.toMatchObject({
      name: 'UnlawfulTransitionError',
      message: expect.stringContaining('got it Validated'),
    });
    expect((await lineage.getModel(MODEL)).champion).toBeUndefined();
  });
});

describe('start intents and the trail', () => {
  it('lists and clears what is to be started, apart from decisions', async () => {
    const intents = new DynamoDbStartIntents(table);
    await table.transact([startIntentItem({ model: MODEL, release: 14 })]);
    await store.open(request, AUDIT);
    await vote('ada', 'reject');
    expect(await intents.listStartIntents()).toEqual([{ model: MODEL, release: 14 }]);
    expect(await store.listCallbacks()).toHaveLength(1);
    await intents.clearStartIntent({ model: MODEL, release: 14 });
    await intents.clearStartIntent({ model: MODEL, release: 14 });
    expect(await intents.listStartIntents()).toEqual([]);
    expect(await new DynamoDbAuditTrail(table).append(MODEL, AUDIT)).toMatchObject({ sequence: 3, type: 'Tested' });
  });
});

describe('links and tokens under KMS', () => {
  const link = { requestId: request.requestId, approver: 'ada', digest: request.digest, expires: 1_900_000_000 };

  it('signs, verifies, refuses what was changed, and rotates', async () => {
    const kms = new KMSClient(cloud.client);
    const key = async (logicalId: string) => {
      const hmac = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };
      return String((await cloud.create('AWS::KMS::Key', hmac, logicalId)).attributes.Arn);
    };
    const [former, current] = [await key('Former'), await key('Current')];
    const text = await new KmsLinkSigner([former], kms).sign(link);
    expect(text).not.toContain('000000000000');
    const rotating = new KmsLinkSigner([current, former], kms);
    expect(await rotating.verify(text)).toMatchObject(link);
    expect(await new KmsLinkSigner([current], kms).verify(text)).toBeUndefined();
    const decoded = decodeLink(text)!;
    expect(await rotating.verify(encodeLink({ ...decoded.link, approver: 'eve' }, decoded.mac))).toBeUndefined();
    const token = await rotating.signForm(decoded.link, 'nonce');
    expect(await rotating.verifyForm(decoded.link, 'nonce', token)).toBe(true);
    expect(await rotating.verifyForm(decoded.link, 'other', token)).toBe(false);
    expect(await rotating.verifyForm(decoded.link, 'nonce', 'short')).toBe(false);
  });

  it('opens a token only for its request', async () => {
    const kms = new KMSClient(cloud.client);
    const { attributes } = await cloud.create('AWS::KMS::Key', {}, 'Tokens');
    const vault = new KmsTokenVault(String(attributes.Arn), kms);
    const sealed = await vault.seal('r1', 'canary');
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('canary');
    expect(await vault.open('r1', sealed)).toBe('canary');
    await expect(vault.open('r2', sealed)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });
});
