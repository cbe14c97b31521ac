import type { AuditEvent } from '../domain/audit.ts';
import type { RollbackEnd, RollbackStore } from '../domain/deployment/ports.ts';
import { type RollbackProof, type RollbackRow, requesterOf } from '../domain/deployment/rollback.ts';
import { NotFoundError } from '../domain/errors.ts';
import type { ModelRow } from '../domain/model.ts';
import { withoutKeys } from './dynamodb-lineage-store.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

type Intent = Pick<RollbackRow, 'model' | 'rollback'>;

/** Rollbacks in the one table; the model's row says which is under way. */
export class DynamoDbRollbackStore implements RollbackStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async request(row: RollbackRow, seen: ModelRow, audit: AuditEvent): Promise<boolean> {
    const { model, rollback } = row;
    return this.#held(() =>
      this.#table.transactAudited(model, audit, [
        takeLease(row, seen),
        {
          Put: { Item: { ...keys.rollback(model, rollback), ...row }, ConditionExpression: 'attribute_not_exists(pk)' },
        },
        { Put: { Item: { ...keys.rollbackIntent(model, rollback), model, rollback } } },
        ...(seen.activeRelease === undefined ? [] : [notDeploying(model, seen.activeRelease)]),
      ]),
    );
  }

  async get(model: string, rollback: number): Promise<RollbackRow> {
    const row = withoutKeys(await this.#table.get<RollbackRow>(keys.rollback(model, rollback)));
    if (!row) throw new NotFoundError(`expected rollback ${model}/${rollback} to exist, got none`);
    return row;
  }

  async list(model: string): Promise<RollbackRow[]> {
    const rows = await this.#table.query<RollbackRow>(keys.model(model).pk, 'ROLLBACK#');
    return rows.map((row) => withoutKeys(row)!);
  }

  async recordProof(model: string, rollback: number, proof: RollbackProof, audit: AuditEvent): Promise<void> {
    const write: TransactItem = {
      Update: {
        Key: keys.rollback(model, rollback),
        UpdateExpression: 'SET proof = :proof',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(proof)',
        ExpressionAttributeValues: { ':proof': proof },
      },
    };
    const written = await this.#held(() => this.#table.transactAudited(model, audit, [write]));
    if (!written) await this.get(model, rollback);
  }

  async end(row: RollbackRow, end: RollbackEnd, audit: AuditEvent): Promise<RollbackRow> {
    const { model, rollback } = row;
    const ended = await this.#held(() => this.#table.transactAudited(model, audit, endItems(row, end)));
    // Given back before, by an earlier delivery; another rollback may hold it now.
    if (!ended) await this.#held(() => this.#table.transact([giveBackLease(row)]));
    return this.get(model, rollback);
  }

  async markTold(model: string, rollback: number, at: string): Promise<void> {
    await this.#table.transact([
      {
        Update: {
          Key: keys.rollback(model, rollback),
          UpdateExpression: 'SET toldAt = if_not_exists(toldAt, :at)',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':at': at },
        },
      },
    ]);
  }

  async listIntents(): Promise<Intent[]> {
    const rows = await this.#table.query<Intent>('OUTBOX', 'ROLLBACK#');
    return rows.map(({ model, rollback }) => ({ model, rollback }));
  }

  async clearIntent({ model, rollback }: Intent): Promise<void> {
    await this.#table.transact([{ Delete: { Key: keys.rollbackIntent(model, rollback) } }]);
  }

  /** @returns whether every condition held */
  async #held(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      if (error instanceof ConditionFailedError) return false;
      throw error;
    }
  }
}

/** Where champion, counters and leases are as they were judged. */
function takeLease({ model, rollback, from }: RollbackRow, { rollbacks, activeRelease }: ModelRow): TransactItem {
  const as = (name: string, value: number | undefined) =>
    value === undefined ? `attribute_not_exists(${name})` : `${name} = :${name}`;
  return {
    Update: {
      Key: keys.model(model),
      UpdateExpression: 'SET rollbacks = :rollback, rollingBack = :rollback',
      ConditionExpression: [
        'champion.version = :from AND attribute_not_exists(rollingBack)',
        as('rollbacks', rollbacks),
        as('activeRelease', activeRelease),
      ].join(' AND '),
      ExpressionAttributeValues: {
        ':rollback': rollback,
        ':from': from,
        ...(rollbacks !== undefined && { ':rollbacks': rollbacks }),
        ...(activeRelease !== undefined && { ':activeRelease': activeRelease }),
      },
    },
  };
}

const notDeploying = (model: string, release: number): TransactItem => ({
  ConditionCheck: {
    Key: keys.release(model, release),
    ConditionExpression: '#status <> :deploying',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':deploying': 'Deploying' },
  },
});

const giveBackLease = ({ model, rollback }: RollbackRow): TransactItem => ({
  Update: {
    Key: keys.model(model),
    UpdateExpression: 'REMOVE rollingBack',
    ConditionExpression: 'rollingBack = :rollback',
    ExpressionAttributeValues: { ':rollback': rollback },
  },
});

function endItems(row: RollbackRow, { status, endedAt, error }: RollbackEnd): TransactItem[] {
  const { model, rollback, from, reason, requestedBy, withdraw } = row;
  const end: TransactItem = {
    Update: {
      Key: keys.rollback(model, rollback),
      UpdateExpression: `SET #status = :status, endedAt = :endedAt${error === undefined ? '' : ', #error = :error'}`,
      ConditionExpression: '#status = :requested',
      ExpressionAttributeNames: { '#status': 'status', ...(error !== undefined && { '#error': 'error' }) },
      ExpressionAttributeValues: {
        ':status': status,
        ':endedAt': endedAt,
        ':requested': 'Requested',
        ...(error !== undefined && { ':error': error }),
      },
    },
  };
  const withdrawal: TransactItem = {
    Update: {
      Key: keys.version(model, from),
      UpdateExpression: 'SET withdrawn = if_not_exists(withdrawn, :withdrawn)',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':withdrawn': { by: requesterOf(requestedBy), at: endedAt, reason } },
    },
  };
  return [end, giveBackLease(row), ...(withdraw && status === 'RolledBack' ? [withdrawal] : [])];
}
