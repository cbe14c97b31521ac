import { setTimeout as wait } from 'node:timers/promises';
import type { SlotJob, SlotStore } from '../domain/slots/ports.ts';
import { EMPTY_POOL, type SlotChange, type SlotKey, type SlotPool } from '../domain/slots/slot-pool.ts';
import { withoutKeys } from './dynamodb-lineage-store.ts';
import { ConditionFailedError, type DynamoDbTable, keys, type TransactItem } from './dynamodb-table.ts';

/** How often a change is decided again because another one was first. */
const ATTEMPTS = 100;
/** Longest pause before the next attempt, in milliseconds; drawn at random, so that a crowd spreads. */
const PAUSE_MS = 60;

interface PoolRow extends SlotPool {
  readonly version: number;
}

/** Pools of instances: one row a pool, one a job, changed together. */
export class DynamoDbSlotStore implements SlotStore {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async find(job: string): Promise<SlotJob | undefined> {
    return withoutKeys(await this.#table.get<SlotJob>(keys.slotJob(job)));
  }

  async list(): Promise<SlotJob[]> {
    return (await this.#table.query<SlotJob>('SLOTS', 'JOB#')).map((row) => withoutKeys(row)!);
  }

  ask(job: SlotJob, decide: (pool: SlotPool) => SlotChange): Promise<readonly string[]> {
    return this.#change(job, decide, (granted, at) => ({
      Put: { Item: { ...keys.slotJob(job.job), ...job, ...(granted.includes(job.job) && { grantedAt: at }) } },
    }));
  }

  giveBack(job: SlotJob, decide: (pool: SlotPool) => SlotChange): Promise<readonly string[]> {
    return this.#change(job, decide, () => ({ Delete: { Key: keys.slotJob(job.job) } }));
  }

  async confirm(job: string): Promise<void> {
    try {
      await this.#table.transact([
        {
          Update: {
            Key: keys.slotJob(job),
            UpdateExpression: 'REMOVE sealedToken',
            ConditionExpression: 'attribute_exists(pk)',
          },
        },
      ]);
    } catch (error) {
      // Its job has ended already.
      if (!(error instanceof ConditionFailedError)) throw error;
    }
  }

  async #change(
    { use, instanceType, job }: SlotKey & { readonly job: string },
    decide: (pool: SlotPool) => SlotChange,
    own: (granted: readonly string[], at: string) => TransactItem,
  ): Promise<readonly string[]> {
    for (let attempt = 1; ; attempt++) {
      const row = await this.#table.get<PoolRow>(keys.slotPool(use, instanceType));
      const { pool, granted } = decide(row ?? EMPTY_POOL);
      const at = this.#table.now().toISOString();
      const others = granted.filter((name) => name !== job).map((name) => grant(name, at));
      try {
        await this.#table.transact([poolItem({ use, instanceType }, pool, row?.version), own(granted, at), ...others]);
        return granted;
      } catch (error) {
        if (!(error instanceof ConditionFailedError) || attempt === ATTEMPTS) throw error;
        await wait(Math.random() * PAUSE_MS);
      }
    }
  }
}

const poolItem = ({ use, instanceType }: SlotKey, { held, waiting, turns }: SlotPool, seen?: number): TransactItem => ({
  Put: {
    Item: { ...keys.slotPool(use, instanceType), version: (seen ?? 0) + 1, held, waiting, turns },
    ...(seen === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : { ConditionExpression: '#version = :seen', ...VERSION_NAME, ExpressionAttributeValues: { ':seen': seen } }),
  },
});

const VERSION_NAME = { ExpressionAttributeNames: { '#version': 'version' } };

const grant = (job: string, at: string): TransactItem => ({
  Update: {
    Key: keys.slotJob(job),
    UpdateExpression: 'SET grantedAt = :at',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':at': at },
  },
});
