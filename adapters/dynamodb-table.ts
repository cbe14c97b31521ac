import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEntry, AuditEvent } from '../domain/audit.ts';
import { nextEntry } from '../domain/audit-chain.ts';
import type { Now } from '../domain/ports.ts';
import { storable } from './dynamodb-numbers.ts';

/** One write of a transaction; the table's name and ALL_OLD on failure are filled in. */
export type TransactItem =
  | { readonly Put: { readonly Item: Record<string, unknown> } & ConditionedWrite }
  | { readonly Update: { readonly Key: Key; readonly UpdateExpression: string } & ConditionedWrite }
  | { readonly Delete: { readonly Key: Key } & ConditionedWrite }
  | { readonly ConditionCheck: { readonly Key: Key; readonly ConditionExpression: string } & ConditionedWrite };

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

interface ConditionedWrite {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** A transaction was refused because a condition did not hold. `items[i]` is the row that item i found, where it asked for it. */
export class ConditionFailedError extends Error {
  override readonly name = 'ConditionFailedError';
  /** Per item of the transaction: true where its condition failed. */
  readonly failed: readonly boolean[];
  readonly items: readonly (Record<string, unknown> | undefined)[];

  constructor(failed: readonly boolean[], items: readonly (Record<string, unknown> | undefined)[]) {
    super(
      `expected every condition to hold, got failures at items ${failed.flatMap((f, i) => (f ? [i] : [])).join(', ')}`,
    );
    this.failed = failed;
    this.items = items;
  }
}

/** @returns whether every condition held */
export async function held(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionFailedError) return false;
    throw error;
  }
}

const CHAIN_ATTEMPTS = 8;

/** Zero-padded so that text order is number order. */
export const padded = (value: number, width: number): string => String(value).padStart(width, '0');

/** What `byLookup` finds the audit entries of an hour under, of whichever model. */
export const auditLookup = (at: string): string => `AUDIT#${at.slice(0, 13)}`;

/** `pk` and `sk` of every row; `docs/architecture.md` has the table. */
export const keys = {
  model: (model: string) => ({ pk: `MODEL#${model}`, sk: 'MODEL' }),
  release: (model: string, release: number) => ({ pk: `MODEL#${model}`, sk: `RELEASE#${padded(release, 6)}` }),
  version: (model: string, version: number) => ({ pk: `MODEL#${model}`, sk: `VERSION#${padded(version, 6)}` }),
  audit: (model: string, sequence: number) => ({ pk: `MODEL#${model}`, sk: `AUDIT#${padded(sequence, 8)}` }),
  claim: (model: string, key: string, versionId: string) => ({ pk: `MODEL#${model}`, sk: `CLAIM#${key}#${versionId}` }),
  request: (requestId: string) => ({ pk: `APPROVAL#${requestId}`, sk: 'REQUEST' }),
  vote: (requestId: string, person: string) => ({ pk: `APPROVAL#${requestId}`, sk: `VOTE#${person}` }),
  refusedIdentity: (requestId: string, identity: string) => ({
    pk: `APPROVAL#${requestId}`,
    sk: `REFUSED#${identity}`,
  }),
  signOut: (person: string) => ({ pk: `SIGNOUT#${person}`, sk: 'SIGNOUT' }),
  anchored: (model: string) => ({ pk: 'ANCHORS', sk: `MODEL#${model}` }),
  anchoredUntil: () => ({ pk: 'ANCHORS', sk: 'HOUR' }),
  notice: (requestId: string, event: string, channel: number) => ({
    pk: 'NOTICES',
    sk: `${requestId}#${event}#${channel}`,
  }),
  leftovers: (date: string) => ({ pk: 'LEFTOVERS', sk: date }),
  outbox: (requestId: string) => ({ pk: 'OUTBOX', sk: requestId }),
  reminder: (requestId: string) => ({ pk: 'REMINDERS', sk: requestId }),
  review: (requestId: string) => ({ pk: 'REMINDERS', sk: `REVIEW#${requestId}` }),
  digest: (person: string) => ({ pk: 'REMINDERS', sk: `DIGEST#${person}` }),
  note: (requestId: string, number: number) => ({ pk: `THREAD#${requestId}`, sk: `NOTE#${padded(number, 4)}` }),
  delegation: (person: string, from: string) => ({ pk: 'DELEGATIONS', sk: `AWAY#${person}#${from}` }),
  startIntent: (model: string, release: number) => ({ pk: 'OUTBOX', sk: `START#${model}#${padded(release, 6)}` }),
  rollback: (model: string, rollback: number) => ({ pk: `MODEL#${model}`, sk: `ROLLBACK#${padded(rollback, 6)}` }),
  rollbackIntent: (model: string, rollback: number) => ({
    pk: 'OUTBOX',
    sk: `ROLLBACK#${model}#${padded(rollback, 6)}`,
  }),
  slotPool: (use: string, instanceType: string) => ({ pk: 'SLOTS', sk: `POOL#${use}#${instanceType}` }),
  slotJob: (job: string) => ({ pk: 'SLOTS', sk: `JOB#${job}` }),
  waitingIntent: (model: string) => ({ pk: 'OUTBOX', sk: `QUEUED#${model}` }),
  refusal: (id: string) => ({ pk: `REFUSAL#${id}`, sk: 'REFUSAL' }),
  retrain: (model: string, id: string) => ({ pk: `MODEL#${model}`, sk: `RETRAIN#${id}` }),
  baseline: (model: string, version: number, number: number) => ({
    pk: `MODEL#${model}`,
    sk: `BASELINE#v${padded(version, 6)}#${padded(number, 6)}`,
  }),
  /** @param since ISO 8601, or the beginning of it */
  owedEvent: (model: string, since: string, id = '') => ({
    pk: 'EVENTS',
    sk: `${model}#${since}${id === '' ? '' : `#${id}`}`,
  }),
  fleet: (id: string) => ({ pk: 'FLEET', sk: `INCIDENT#${id}` }),
  profile: (model: string, version: number, hour: string) => ({
    pk: `MODEL#${model}`,
    sk: `PROFILE#v${padded(version, 6)}#${hour}`,
  }),
  window: (model: string, version: number, start: string) => ({
    pk: `MODEL#${model}`,
    sk: `WINDOW#v${padded(version, 6)}#${start}`,
  }),
  /** @param receivedAt ISO 8601, or the beginning of it */
  labels: (model: string, receivedAt: string, id = '') => ({
    pk: `MODEL#${model}`,
    sk: `LABELS#${receivedAt}${id === '' ? '' : `#${id}`}`,
  }),
  /** @param start ISO 8601, or the beginning of it */
  quality: (model: string, version: number, start: string) => ({
    pk: `MODEL#${model}`,
    sk: `QUALITY#v${padded(version, 6)}#${start}`,
  }),
  staleness: (model: string, id: string) => ({ pk: `MODEL#${model}`, sk: `STALENESS#${id}` }),
  incident: (model: string, detector: string, start: string) => ({
    pk: `MODEL#${model}`,
    sk: `INCIDENT#${detector}#${start}`,
  }),
} as const;

/** The one table, and the audit chain that every transaction extends. */
export class DynamoDbTable {
  readonly name: string;
  readonly client: DynamoDBDocumentClient;
  readonly now: Now;

  constructor(
    name: string,
    now: Now,
    client: DynamoDBDocumentClient = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
      marshallOptions: { removeUndefinedValues: true },
    }),
  ) {
    this.name = name;
    this.client = client;
    this.now = now;
  }

  /** Strongly consistent. */
  async get<Row>(key: Key): Promise<Row | undefined> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.name, Key: key, ConsistentRead: true }));
    return Item as Row | undefined;
  }

  /** Rows of one partition whose `sk` starts with `prefix`, in order; all pages. Without a prefix, the whole partition. */
  async query<Row>(
    pk: string,
    prefix: string,
    options: { readonly newestFirst?: boolean; readonly limit?: number } = {},
  ): Promise<Row[]> {
    const rows: Row[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.name,
          // DynamoDB refuses an empty prefix.
          KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': pk, ...(prefix !== '' && { ':prefix': prefix }) },
          ScanIndexForward: !options.newestFirst,
          ConsistentRead: true,
          ...(options.limit !== undefined && { Limit: options.limit - rows.length }),
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      rows.push(...((page.Items ?? []) as Row[]));
      from = page.LastEvaluatedKey;
    } while (from && (options.limit === undefined || rows.length < options.limit));
    return rows;
  }

  /** Rows that stand under a value of `lookup` in the index, in the order of `sk`; a moment old. */
  async lookUp<Row>(value: string): Promise<Row[]> {
    const rows: Row[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const page = await this.client.send(
        new QueryCommand({
          TableName: this.name,
          IndexName: 'byLookup',
          KeyConditionExpression: 'lookup = :value',
          ExpressionAttributeValues: { ':value': value },
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      rows.push(...((page.Items ?? []) as Row[]));
      from = page.LastEvaluatedKey;
    } while (from);
    return rows;
  }

  /**
   * All or nothing.
   *
   * @throws {ConditionFailedError} a condition did not hold; transaction conflicts are retried first
   */
  async transact(items: readonly TransactItem[]): Promise<void> {
    const writes = items.map((item) =>
      Object.fromEntries(
        Object.entries(item).map(([kind, write]) => [
          kind,
          { ...storable(write), TableName: this.name, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
        ]),
      ),
    );
    for (let attempt = 1; ; attempt++) {
      try {
        await this.client.send(new TransactWriteCommand({ TransactItems: writes }));
        return;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const reasons = error.CancellationReasons ?? [];
        if (reasons.some((reason) => reason.Code === 'ConditionalCheckFailed')) {
          throw new ConditionFailedError(
            reasons.map((reason) => reason.Code === 'ConditionalCheckFailed'),
            // The document client translates answers, not errors.
            reasons.map(({ Item }) => Item && unmarshall(Item)),
          );
        }
        if (attempt === CHAIN_ATTEMPTS || !reasons.some((reason) => reason.Code === 'TransactionConflict')) throw error;
      }
    }
  }

  /**
   * A transaction that also extends the model's audit chain by one entry. Losing the race for a sequence number is retried;
   * any other failed condition is the caller's.
   *
   * @throws {ConditionFailedError} with `failed` and `items` in the order of `items` given
   */
  async transactAudited(model: string, event: AuditEvent, items: readonly TransactItem[]): Promise<AuditEntry> {
    for (let attempt = 1; ; attempt++) {
      const entry = await this.#nextEntry(model, event);
      try {
        await this.transact([
          ...items,
          {
            Put: {
              Item: { ...keys.audit(model, entry.sequence), ...entry, lookup: auditLookup(entry.at) },
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
        ]);
        return entry;
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) throw error;
        if (error.failed.slice(0, items.length).includes(true) || attempt === CHAIN_ATTEMPTS) throw error;
      }
    }
  }

  /** Runs a transaction. @returns false where a condition did not hold */
  async holds(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      if (error instanceof ConditionFailedError) return false;
      throw error;
    }
  }

  async #nextEntry(model: string, event: AuditEvent): Promise<AuditEntry> {
    const [last] = await this.query<AuditEntry>(keys.model(model).pk, 'AUDIT#', { newestFirst: true, limit: 1 });
    return nextEntry(model, last, event, this.now().toISOString());
  }
}
