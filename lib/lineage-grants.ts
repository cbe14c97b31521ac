import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { HandlerFunction } from './handler-function.ts';

// biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
type AnyHandler = HandlerFunction<any>;

/** Reads rows by key; no scans, no index. */
export const grantReadLineage = (table: TableV2, ...handlers: readonly AnyHandler[]): void => {
  for (const handler of handlers) handler.role.addToPolicy(on(table, 'dynamodb:GetItem', 'dynamodb:Query'));
};

/** Reads and writes rows, with their audit entry in the same transaction; nothing is deleted. */
export const grantWriteLineage = (table: TableV2, ...handlers: readonly AnyHandler[]): void => {
  for (const handler of handlers) {
    handler.role.addToPolicy(
      on(
        table,
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:ConditionCheckItem',
      ),
    );
  }
};

/** Removes outbox rows once their callback is confirmed. */
export const grantClearOutbox = (table: TableV2, handler: AnyHandler): void => {
  handler.role.addToPolicy(
    new PolicyStatement({
      actions: ['dynamodb:DeleteItem'],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['OUTBOX'] } },
    }),
  );
};

/** Reads objects, pinned versions included. */
export const grantReadObjects = (bucket: IBucket, handler: AnyHandler, keys = '*'): void => {
  handler.role.addToPolicy(
    new PolicyStatement({ actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: [bucket.arnForObjects(keys)] }),
  );
  // Without ListBucket, S3 answers 403 instead of 404 for a key that does not exist.
  handler.role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
};

export const grantWriteObjects = (bucket: IBucket, handler: AnyHandler, keys = '*'): void => {
  handler.role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: [bucket.arnForObjects(keys)],
    }),
  );
};

const on = (table: TableV2, ...actions: readonly string[]): PolicyStatement =>
  new PolicyStatement({ actions: [...actions], resources: [table.tableArn] });
