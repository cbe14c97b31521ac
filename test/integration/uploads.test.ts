import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decideByMail } from '../../cli/demo/approve-by-mail.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import { quietFlights, toRequest } from '../../examples/flight-delays/flights.ts';
import { januaryFlights, ModelRoom } from '../support/model-room.ts';

const HOUR = 3_600_000;
const ADA = 'ada@example.com';
let room: ModelRoom;

beforeAll(async () => {
  room = await ModelRoom.open();
}, 120_000);

afterAll(() => room?.close());

const decide = (decision: 'approve' | 'reject') => decideByMail(room.cloud.url, ADA, decision, 'as tests say');

describe('uploads while a release runs', () => {
  it('do not wait for people: the newer one runs, and the older question is closed once the newer is asked', async () => {
    await room.define('busy');
    const first = await room.upload('busy', januaryFlights(1500), 'first.csv');
    await room.release('busy', first, 'AwaitingApproval');
    const second = await room.upload('busy', januaryFlights(1600), 'second.csv');
    expect(await room.release('busy', second, 'AwaitingApproval')).toMatchObject({ release: 2 });
    expect(await room.release('busy', first)).toMatchObject({ status: 'Superseded' });
    expect(await room.connection.lineage.getModel('busy')).toMatchObject({ activeRelease: 2, releases: 2 });

    await decide('approve');
    expect(await room.release('busy', second, 'Deployed')).toMatchObject({ release: 2 });
    const row = await room.connection.lineage.getModel('busy');
    expect([row.activeRelease, row.champion?.version]).toEqual([undefined, 2]);
  }, 120_000);

  it('one that is announced twice becomes one release', async () => {
    await room.define('echo');
    const upload = await room.upload('echo', januaryFlights(1500));
    const release = await room.release('echo', upload, 'AwaitingApproval');
    const sqs = new SQSClient(room.connection.client);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'launchway-local-intake' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: announcementOf(release) }));
    await room.cloud.cloud.clock.advance(60_000);
    const row = await room.connection.lineage.getModel('echo');
    expect(row).toMatchObject({ releases: 1, activeRelease: 1 });
    expect(row.queued).toBeUndefined();
  }, 120_000);
});

describe('people who do not say yes', () => {
  it('reject: nothing is deployed, and the mail says who stopped it', async () => {
    await room.define('unloved');
    const upload = await room.upload('unloved');
    await room.release('unloved', upload, 'AwaitingApproval');
    await decide('reject');
    expect(await room.release('unloved', upload)).toMatchObject({ status: 'Rejected' });
    expect((await room.connection.lineage.getModel('unloved')).champion).toBeUndefined();
    const mail = await room.mail('[unloved] release 1 stopped');
    expect(mail.text).toMatch(/^What happened +Ada \(model risk\) said no: as tests say$/m);
    expect(mail.text).toMatch(/^Whose +an approver/m);
  }, 120_000);

  it('say nothing: the request expires, and the model can be uploaded to again', async () => {
    await room.define('ignored');
    const upload = await room.upload('ignored');
    await room.release('ignored', upload, 'AwaitingApproval');
    // 24 business hours of eight a day, a weekend among them.
    await room.cloud.cloud.clock.advance(7 * 24 * HOUR);
    expect(await room.release('ignored', upload)).toMatchObject({ status: 'Expired' });
    expect((await room.mail('[ignored] release 1 stopped')).text).toMatch(/nobody decided in time/);
    const row = await room.connection.lineage.getModel('ignored');
    expect([row.activeRelease, row.champion]).toEqual([undefined, undefined]);
  }, 120_000);
});

describe('a model that serves', () => {
  it('is compared with, and replaced without interruption', async () => {
    await room.define('serving');
    const first = await room.upload('serving', januaryFlights(2500));
    await room.release('serving', first, 'AwaitingApproval');
    await decide('approve');
    await room.release('serving', first, 'Deployed');
    const second = await room.upload('serving', januaryFlights(4000));
    const asked = await room.release('serving', second, 'AwaitingApproval');
    expect(asked.steps.evaluation?.comparedWith).toBe(1);

    const requests = new Requests(room, 'launchway-local-serving');
    requests.begin();
    await decide('approve');
    await room.release('serving', second, 'Deployed');
    const { answered, failed } = await requests.end();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(10);
    expect(await room.connection.lineage.getModel('serving')).toMatchObject({ champion: { version: 2 }, versions: 2 });
    expect(await room.connection.lineage.getVersion('serving', 1)).toMatchObject({ status: 'Retired' });
    expect((await room.mail('[serving] release 2 deployed')).text).toContain('version 2');
  }, 180_000);
});

describe('an execution that was stopped', () => {
  it('ends its release: nobody is asked any more, the owner is told once, and the model can be uploaded to again', async () => {
    await room.define('stopped');
    const upload = await room.upload('stopped');
    const { executionName, steps } = await room.release('stopped', upload, 'AwaitingApproval');
    const { sfn, account } = room.connection;
    const executionArn = `arn:aws:states:eu-west-1:${account}:execution:launchway-local-release-model:${executionName}`;
    await sfn.send(new StopExecutionCommand({ executionArn, cause: 'a test' }));
    await room.cloud.cloud.clock.advance(60_000);
    expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ status: 'ABORTED' });
    expect(await room.release('stopped', upload, 'Failed')).toMatchObject({ outcome: { step: 'Release' } });
    const request = { pk: `APPROVAL#${steps.approval!.requestId}`, sk: 'REQUEST' };
    expect(await room.connection.table.get(request)).toMatchObject({ status: 'Withdrawn' });
    const inbox = (await (await fetch(`${room.cloud.url}/_launchway/inbox.json`)).json()) as { subject: string }[];
    expect(inbox.filter(({ subject }) => subject.startsWith('[stopped] release 1 stopped'))).toHaveLength(1);

    const again = await room.upload('stopped', januaryFlights(1600));
    expect(await room.release('stopped', again, 'AwaitingApproval')).toMatchObject({ release: 2 });
  }, 120_000);
});

/** Callers who never pause. */
class Requests {
  readonly #client: SageMakerRuntimeClient;
  readonly #endpoint: string;
  readonly #failed: string[] = [];
  #answered = 0;
  #running = true;
  #callers: Promise<void>[] = [];

  constructor({ connection }: ModelRoom, endpoint: string) {
    this.#client = new SageMakerRuntimeClient({ ...connection.client, maxAttempts: 1 });
    this.#endpoint = endpoint;
  }

  begin(): void {
    this.#callers = [this.#call(), this.#call()];
  }

  async end(): Promise<{ answered: number; failed: readonly string[] }> {
    this.#running = false;
    await Promise.all(this.#callers);
    return { answered: this.#answered, failed: this.#failed };
  }

  async #call(): Promise<void> {
    const [Body] = quietFlights(1).map(toRequest);
    while (this.#running) {
      try {
        await this.#client.send(
          new InvokeEndpointCommand({
            EndpointName: this.#endpoint,
            ContentType: 'text/csv',
            Body: Buffer.from(Body!),
          }),
        );
        this.#answered += 1;
      } catch (error) {
        this.#failed.push(String(error));
      }
    }
  }
}

/** As S3 would say it again. */
const announcementOf = ({ inputs: { dataset }, submitter, admittedAt }: ReleaseRow): string =>
  JSON.stringify({
    Records: [
      {
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        eventTime: admittedAt,
        userIdentity: { principalId: submitter.principal },
        s3: {
          bucket: { name: dataset.bucket },
          object: { key: encodeURIComponent(dataset.key), versionId: dataset.versionId, sequencer: '00' },
        },
      },
    ],
  });
