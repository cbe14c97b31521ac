import type { Cloud, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import type { LogGroup, LogStore, LogStream } from './log-store.ts';
import { groupArn, logArn, logPage } from './naming.ts';

const GROUP_NAME = /^[\w.\-/#]{1,512}$/;
const STREAM_NAME = /^[^:*\t]{1,512}$/;

/** Days that CloudWatch Logs takes. */
const RETENTIONS = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

/** Log groups and streams: create, describe, delete, retention. */
export class GroupOperations {
  readonly #cloud: Cloud;
  readonly #logs: LogStore;

  constructor(cloud: Cloud, logs: LogStore) {
    this.#cloud = cloud;
    this.#logs = logs;
  }

  get all(): Readonly<Record<string, Operation>> {
    const on = (members: readonly string[], run: Operation['run']): Operation => ({
      members,
      needs: ({ operation, input }) => [
        { action: `logs:${operation}`, resource: logArn(this.#cloud, input.logGroupName, input.logStreamName) },
      ],
      run,
    });
    return {
      CreateLogGroup: on(['logGroupName', 'kmsKeyId', 'tags'], async ({ input }) => {
        const { logGroupName: name, kmsKeyId, tags = {} } = input;
        if (this.#logs.findGroup(name)) throw exists('log group');
        await this.create({ name, kmsKeyId, tags, createdAt: this.#cloud.clock.now() });
      }),
      DeleteLogGroup: on(['logGroupName'], async ({ input }) => {
        this.#logs.deleteGroup(this.#logs.group(input.logGroupName).name);
      }),
      DescribeLogGroups: on(['logGroupNamePrefix', 'limit', 'nextToken'], async ({ input }) => {
        const page = logPage(this.#logs.groups(input.logGroupNamePrefix), input.nextToken, input.limit ?? 50);
        return { logGroups: page.items.map((group) => this.#describe(group)), nextToken: page.nextToken };
      }),
      PutRetentionPolicy: on(['logGroupName', 'retentionInDays'], async ({ input }) => {
        this.setRetention(input.logGroupName, input.retentionInDays);
      }),
      DeleteRetentionPolicy: on(['logGroupName'], async ({ input }) => {
        this.setRetention(input.logGroupName, undefined);
      }),
      CreateLogStream: on(['logGroupName', 'logStreamName'], async ({ input }) => {
        const { logGroupName: group, logStreamName: name } = input;
        this.#logs.group(group);
        if (typeof name !== 'string' || !STREAM_NAME.test(name))
          throw invalid(`expected a log stream name, got ${name}`);
        if (this.#logs.findStream(group, name)) throw exists('log stream');
        this.#logs.putStream(group, { name, createdAt: this.#cloud.clock.now() });
      }),
      DeleteLogStream: on(['logGroupName', 'logStreamName'], async ({ input }) => {
        this.#logs.stream(input.logGroupName, input.logStreamName);
        this.#logs.deleteStream(input.logGroupName, input.logStreamName);
      }),
      DescribeLogStreams: on(
        ['logGroupName', 'logStreamNamePrefix', 'orderBy', 'descending', 'limit', 'nextToken'],
        async ({ input }) => this.#describeStreams(input),
      ),
    };
  }

  /** @throws {ServiceError} where the key's policy does not let CloudWatch Logs use it */
  async create(group: LogGroup): Promise<void> {
    const { account, region } = this.#cloud;
    if (!GROUP_NAME.test(group.name))
      throw invalid(`expected a log group name of 1 to 512 of a–z A–Z 0–9 _ - / . #, got ${group.name}`);
    if (group.kmsKeyId !== undefined) {
      const sourceArn = `arn:aws:logs:${region}:${account}:log-group:${group.name}`;
      await this.#cloud.call({
        service: 'kms',
        operation: 'GenerateDataKey',
        principal: { kind: 'service', arn: `logs.${region}.amazonaws.com`, sourceArn },
        input: { KeyId: group.kmsKeyId, KeySpec: 'AES_256', EncryptionContext: { 'aws:logs:arn': sourceArn } },
      });
    }
    this.#logs.putGroup(group);
  }

  setRetention(name: string, days: number | undefined): void {
    const group = this.#logs.group(name);
    if (days !== undefined && !RETENTIONS.has(days))
      throw invalid(`expected a retention CloudWatch Logs knows, got ${days}`);
    this.#logs.putGroup({ ...group, retentionInDays: days });
    this.#logs.armPurge();
  }

  #describe({ name, createdAt, retentionInDays, kmsKeyId }: LogGroup): object {
    const arn = groupArn(this.#cloud, name);
    return {
      logGroupName: name,
      arn,
      logGroupArn: arn.replace(/:\*$/, ''),
      creationTime: createdAt,
      logGroupClass: 'STANDARD',
      ...(retentionInDays !== undefined && { retentionInDays }),
      ...(kmsKeyId !== undefined && { kmsKeyId }),
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: DescribeLogStreams' input
  #describeStreams(input: any): object {
    this.#logs.group(input.logGroupName);
    const streams = this.#logs.streams(input.logGroupName, input.logStreamNamePrefix);
    if (input.orderBy === 'LastEventTime') streams.sort((a, b) => (a.lastEventAt ?? 0) - (b.lastEventAt ?? 0));
    if (input.descending) streams.reverse();
    const page = logPage(streams, input.nextToken, input.limit ?? 50);
    return {
      logStreams: page.items.map((stream) =>
        describeStream(logArn(this.#cloud, input.logGroupName, stream.name), stream),
      ),
      nextToken: page.nextToken,
    };
  }
}

const describeStream = (arn: string, { name, createdAt, firstEventAt, lastEventAt, lastIngestedAt }: LogStream) => ({
  logStreamName: name,
  arn,
  creationTime: createdAt,
  firstEventTimestamp: firstEventAt,
  lastEventTimestamp: lastEventAt,
  lastIngestionTime: lastIngestedAt,
});

const exists = (what: string): ServiceError =>
  new ServiceError('ResourceAlreadyExistsException', `The specified ${what} already exists`);

const invalid = (message: string): ServiceError => new ServiceError('InvalidParameterException', message);
