import { Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { HandlerFunction } from './handler-function.ts';
import { allow, type Permission } from './permission.ts';
import type { NamedBucket } from './storage-stack.ts';

/** Functions serve every team and model; containers do not (see ContainerRoles). */
const ANY_MODEL =
  'A model is a row, not a resource: the function works on objects of every team and model in this bucket.';

// biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
type AnyHandler = HandlerFunction<any>;

/** Reads rows by key; no scans, no index. */
export const grantReadLineage = (table: TableV2, ...handlers: readonly AnyHandler[]): void => {
  for (const handler of handlers) allow(handler.role, on(table, 'dynamodb:GetItem', 'dynamodb:Query'));
};

/** Finds rows by the index: models that serve, incidents that are open. */
export const grantLookUp = (table: TableV2, ...handlers: readonly AnyHandler[]): void => {
  for (const handler of handlers)
    allow(handler.role, { actions: ['dynamodb:Query'], resources: [`${table.tableArn}/index/byLookup`] });
};

/** Partitions that any step of a release may write: models with their releases and chains, the outbox, refusals, fleet incidents. */
const LINEAGE_PARTITIONS = ['MODEL#*', 'OUTBOX', 'REFUSAL#*', 'FLEET'];

/**
 * Reads rows, and writes those of models, with their audit entry in the same transaction; nothing is deleted. Approval requests
 * and votes are read only.
 */
export const grantWriteLineage = (table: TableV2, ...handlers: readonly AnyHandler[]): void => {
  grantReadLineage(table, ...handlers);
  for (const handler of handlers) allow(handler.role, writes(table, LINEAGE_PARTITIONS));
};

/** As grantWriteLineage, and writes approval requests and votes: for the few functions that ask and decide. */
export const grantWriteApprovals = (table: TableV2, ...handlers: readonly AnyHandler[]): void => {
  grantReadLineage(table, ...handlers);
  for (const handler of handlers)
    allow(handler.role, writes(table, [...LINEAGE_PARTITIONS, 'APPROVAL#*', 'REMINDERS']));
};

/** Reads rows, and writes which notices were posted. */
export const grantRecordNotices = (table: TableV2, handler: AnyHandler): void => {
  grantReadLineage(table, handler);
  allow(handler.role, {
    ...on(table, 'dynamodb:PutItem'),
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['NOTICES'] } },
  });
};

/** Reads every chain, and writes how far each was anchored. */
export const grantAnchorChains = (table: TableV2, handler: AnyHandler): void => {
  grantReadLineage(table, handler);
  allow(handler.role, { actions: ['dynamodb:Query'], resources: [`${table.tableArn}/index/byLookup`] });
  allow(handler.role, {
    ...on(table, 'dynamodb:PutItem'),
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['ANCHORS'] } },
  });
};

/** Reads rows, and writes on which days operators were told what is left over. */
export const grantRecordLeftovers = (table: TableV2, handler: AnyHandler): void => {
  grantReadLineage(table, handler);
  allow(handler.role, {
    ...on(table, 'dynamodb:PutItem'),
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['LEFTOVERS'] } },
  });
};

/** Writes when people signed out, and nothing else. */
export const grantRecordSignOuts = (table: TableV2, handler: AnyHandler): void => {
  allow(handler.role, on(table, 'dynamodb:GetItem'));
  allow(handler.role, {
    ...on(table, 'dynamodb:PutItem'),
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['SIGNOUT#*'] } },
  });
};

/** As grantWriteApprovals, and records what approvers say and who stands in for them. */
export const grantActAsApprover = (table: TableV2, handler: AnyHandler): void => {
  grantWriteApprovals(table, handler);
  allow(handler.role, writes(table, ['THREAD#*', 'DELEGATIONS']));
};

/** Records that notes were mailed. */
export const grantWriteThreads = (table: TableV2, handler: AnyHandler): void => {
  allow(handler.role, writes(table, ['THREAD#*']));
};

/** Writes notes about open requests; casts no votes, and changes no request. */
export const grantAnswerQuestions = (table: TableV2, handler: AnyHandler): void => {
  grantWriteLineage(table, handler);
  grantWriteThreads(table, handler);
  allow(handler.role, {
    ...on(table, 'dynamodb:ConditionCheckItem'),
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['APPROVAL#*'] } },
  });
};

/** Tells other systems, as Launchway and nobody else, on the account's default bus; keeps what they are owed until they were told. */
export const grantTellSystems = (table: TableV2, handler: AnyHandler): void => {
  allow(handler.role, {
    ...on(table, 'dynamodb:PutItem', 'dynamodb:DeleteItem'),
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['EVENTS'] } },
  });
  allow(handler.role, {
    actions: ['events:PutEvents'],
    resources: [Stack.of(table).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
    conditions: { StringEquals: { 'events:source': 'launchway' } },
  });
};

const writes = (table: TableV2, partitions: readonly string[]): Permission => ({
  ...on(table, 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem'),
  conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] } },
});

/** Gives instances out: pools, and the jobs that hold or wait for instances. */
export const grantChangeSlots = (table: TableV2, handler: AnyHandler): void => {
  allow(handler.role, {
    ...on(table, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['SLOTS'] } },
  });
  allow(handler.role, {
    ...on(table, 'dynamodb:DeleteItem'),
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['SLOTS'] } },
  });
};

export const grantReadSlots = (table: TableV2, handler: AnyHandler): void => {
  allow(handler.role, {
    ...on(table, 'dynamodb:Query'),
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['SLOTS'] } },
  });
};

/** Removes outbox rows once their callback is confirmed. */
export const grantClearOutbox = (table: TableV2, handler: AnyHandler): void => {
  allow(handler.role, {
    actions: ['dynamodb:DeleteItem'],
    resources: [table.tableArn],
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['OUTBOX'] } },
  });
};

/** Removes the reminders of requests that are decided. */
export const grantClearReminders = (table: TableV2, handler: AnyHandler): void => {
  allow(handler.role, {
    actions: ['dynamodb:DeleteItem'],
    resources: [table.tableArn],
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['REMINDERS'] } },
  });
};

/** Reads objects, pinned versions included. */
export const grantReadObjects = (bucket: NamedBucket, handler: AnyHandler, keys = '*'): void => {
  allow(handler.role, {
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [bucket.objectArn(keys)],
    because: ANY_MODEL,
  });
  // Without ListBucket, S3 answers 403 instead of 404 for a key that does not exist.
  allow(handler.role, { actions: ['s3:ListBucket'], resources: [bucket.bucketArn] });
};

export const grantWriteObjects = (bucket: NamedBucket, handler: AnyHandler, keys = '*'): void => {
  allow(handler.role, {
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resources: [bucket.objectArn(keys)],
    because: ANY_MODEL,
  });
};

const on = (table: TableV2, ...actions: readonly string[]): Permission => ({
  actions: [...actions],
  resources: [table.tableArn],
});
