import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { BatchGetImageCommand, ECRClient, ImageNotFoundException } from '@aws-sdk/client-ecr';
import { PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { SendTaskSuccessCommand, SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { ConditionFailedError, DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EcrImageRegistry } from '../../adapters/ecr-image-registry.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SageMakerTrainingJobs } from '../../adapters/sagemaker-training-jobs.ts';
import { SfnTaskCallback } from '../../adapters/sfn-task-callback.ts';

const meta = { $metadata: {}, message: 'told to fail' };
const named = (name: string, message = 'told to fail') => Object.assign(new Error(message), { name });

describe('the callback of a waiting task', () => {
  const sfn = mockClient(SFNClient);
  beforeEach(() => void sfn.reset());

  it.each([new TaskTimedOut(meta), new TaskDoesNotExist(meta)])('is gone, not failed, on $name', async (error) => {
    sfn.on(SendTaskSuccessCommand).rejects(error);
    await expect(new SfnTaskCallback().succeed('token', {})).resolves.toBe('gone');
  });

  it('fails on anything else, so that it is sent again', async () => {
    sfn.on(SendTaskSuccessCommand).rejects(named('ThrottlingException'));
    await expect(new SfnTaskCallback().succeed('token', {})).rejects.toThrow('told to fail');
  });
});

describe('the image registry', () => {
  const ecr = mockClient(ECRClient);
  beforeEach(() => void ecr.reset());
  const registry = () => new EcrImageRegistry('111122223333', 'eu-west-1');

  it('does not know a tag that was never pushed', async () => {
    ecr.on(BatchGetImageCommand).rejects(new ImageNotFoundException(meta));
    await expect(registry().pin({ repository: 'team/model', tag: '1' })).resolves.toBeUndefined();
  });

  it('does not take a denial for a missing image', async () => {
    ecr.on(BatchGetImageCommand).rejects(named('AccessDeniedException'));
    await expect(registry().pin({ repository: 'team/model', tag: '1' })).rejects.toThrow('told to fail');
  });
});

describe('the object store', () => {
  const s3 = mockClient(S3Client);
  beforeEach(() => void s3.reset());
  const refusedWith = (name: string, httpStatusCode: number) =>
    new S3ServiceException({ name, $fault: 'client', $metadata: { httpStatusCode }, message: 'told to fail' });
  const put = () => new S3ObjectStore('111122223333').putOnce({ bucket: 'b', key: 'k' }, 'bytes', 'text/plain');

  it('takes a key that is taken for done', async () => {
    s3.on(PutObjectCommand).rejects(refusedWith('PreconditionFailed', 412));
    await expect(put()).resolves.toEqual({ created: false });
  });

  it('fails where the write was denied', async () => {
    s3.on(PutObjectCommand).rejects(refusedWith('AccessDenied', 403));
    await expect(put()).rejects.toThrow('told to fail');
  });

  it("names the bucket's owner, so that a bucket of the same name elsewhere is refused", async () => {
    s3.on(PutObjectCommand).resolves({});
    await put();
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      ExpectedBucketOwner: '111122223333',
      IfNoneMatch: '*',
    });
  });
});

describe('training jobs', () => {
  const sagemaker = mockClient(SageMakerClient);
  beforeEach(() => void sagemaker.reset());

  it('finds none where SageMaker knows none of that name', async () => {
    sagemaker.on(DescribeTrainingJobCommand).rejects(named('ValidationException', 'Requested resource not found.'));
    await expect(new SageMakerTrainingJobs().find('job')).resolves.toBeUndefined();
  });

  it('does not take throttling for absence: a second job would be paid for', async () => {
    sagemaker.on(DescribeTrainingJobCommand).rejects(named('ThrottlingException', 'Rate exceeded'));
    await expect(new SageMakerTrainingJobs().find('job')).rejects.toThrow('Rate exceeded');
  });
});

describe('a transaction', () => {
  const dynamodb = mockClient(DynamoDBDocumentClient);
  beforeEach(() => void dynamodb.reset());
  const cancelled = (...codes: string[]) =>
    new TransactionCanceledException({ ...meta, CancellationReasons: codes.map((Code) => ({ Code })) });
  const write = () => new DynamoDbTable('t', () => new Date(0)).transact([{ Put: { Item: { pk: 'a', sk: 'b' } } }]);

  it('is tried again when another one was at the same rows', async () => {
    dynamodb.on(TransactWriteCommand).rejectsOnce(cancelled('TransactionConflict')).resolves({});
    await write();
    expect(dynamodb.commandCalls(TransactWriteCommand)).toHaveLength(2);
  });

  it('says which condition failed, and is not tried again', async () => {
    dynamodb.on(TransactWriteCommand).rejects(cancelled('ConditionalCheckFailed'));
    await expect(write()).rejects.toThrow(ConditionFailedError);
    expect(dynamodb.commandCalls(TransactWriteCommand)).toHaveLength(1);
  });
});
