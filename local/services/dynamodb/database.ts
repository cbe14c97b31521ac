import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Cloud } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import { Engine, type EngineAction, type Scope } from './engine.ts';
import { Expiry } from './expiry.ts';
import type { AttributeMap } from './item.ts';
import { keyOf, nameOf, type Table, Tables } from './tables.ts';
import {
  actionOf,
  type CancellationReason,
  cancelled,
  checkCount,
  checkToken,
  checkTotalSize,
  type TransactItem,
  type WriteInput,
} from './transaction.ts';

const TOKENS = 'dynamodb.tokens';
const TOKEN_LIFETIME = 10 * 60_000;

/** Reads and writes items; writes are made one at a time, each whole or not at all. */
export class Database {
  readonly tables: Tables;
  readonly expiry: Expiry;
  readonly #cloud: Cloud;
  #engine: Engine | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.tables = new Tables(cloud);
    this.expiry = new Expiry(cloud, this.tables, (table, key) => this.#deleteExpired(table, key));
  }

  /** Opened by the first call: a cloud without tables needs no files. */
  get engine(): Engine {
    this.#engine ??= new Engine(join(this.#cloud.stateDir, 'dynamodb'), {
      account: this.#cloud.account,
      region: this.#cloud.region,
      indexesOf: (table) => this.tables.find(table)?.indexes ?? {},
    });
    return this.#engine;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#engine?.close();
  }

  read<T>(action: EngineAction, input: object): Promise<T> {
    return this.engine.run<T>(action, byName(input));
  }

  /** Runs alone: no write comes in between. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => {});
    return result;
  }

  /** PutItem, UpdateItem, DeleteItem. */
  write(action: EngineAction, input: WriteInput): Promise<unknown> {
    return this.alone(async () => {
      const draft = this.engine.draft();
      try {
        const result = await this.engine.run(action, byName(input), draft);
        await this.#beforeCommit(input, draft);
        await draft.commit();
        return result;
      } catch (error) {
        if (!isConditionFailure(error) || input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD') throw error;
        const Item = await this.#item(input);
        throw new ServiceError(error.code, error.message, error.status, Item ? { Item } : {});
      }
    });
  }

  batchWrite(input: { readonly RequestItems: Readonly<Record<string, readonly BatchRequest[]>> }): Promise<unknown> {
    return this.alone(async () => {
      const draft = this.engine.draft();
      const result = await this.engine.run('BatchWriteItem', input, draft);
      for (const [TableName, requests] of Object.entries(input.RequestItems)) {
        for (const { PutRequest } of requests) {
          if (PutRequest) await this.#beforeCommit({ TableName, Item: PutRequest.Item }, draft);
        }
      }
      await draft.commit();
      return result;
    });
  }

  /**
   * All or nothing.
   *
   * @throws {ServiceError} TransactionCanceledException with a reason per item, in order
   */
  transactWrite(items: readonly TransactItem[], token: string | undefined): Promise<object> {
    checkToken(token);
    checkCount(items);
    const actions = items.map(actionOf);
    return this.alone(async () => {
      const digest = createHash('sha256').update(JSON.stringify(items)).digest('hex');
      if (token !== undefined && this.#alreadyDone(token, digest)) return {};
      this.#checkDistinct(actions.map(({ input }) => input));
      for (const { action, input } of actions) this.engine.parse(action, byName(input));

      const draft = this.engine.draft();
      const reasons: CancellationReason[] = [];
      for (const { action, input, checkOnly } of actions) {
        reasons.push(await this.#attempt(action, input, checkOnly ? this.engine.draft(draft) : draft));
      }
      if (reasons.some(({ Code }) => Code !== 'None')) throw cancelled(reasons);
      checkTotalSize(draft.bytes);
      for (const { input, checkOnly } of actions) if (!checkOnly) await this.#beforeCommit(input, draft);
      await draft.commit();
      if (token !== undefined) this.#cloud.store.put(TOKENS, token, { digest, at: this.#cloud.clock.now() });
      return {};
    });
  }

  /** Items as they are at one moment, in order. */
  transactGet(gets: readonly object[]): Promise<unknown[]> {
    checkCount(gets);
    return this.alone(async () => {
      const found: unknown[] = [];
      for (const get of gets) found.push(await this.read('GetItem', get));
      return found;
    });
  }

  async #attempt(action: EngineAction, input: WriteInput, scope: Scope): Promise<CancellationReason> {
    try {
      await this.engine.run(action, byName(input), scope);
      return { Code: 'None' };
    } catch (error) {
      if (isConditionFailure(error)) {
        const Item = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? await this.#item(input) : undefined;
        return { Code: 'ConditionalCheckFailed', Message: error.message, ...(Item && { Item }) };
      }
      if (error instanceof ServiceError && error.code === 'ValidationException') {
        return { Code: 'ValidationError', Message: error.message };
      }
      throw error;
    }
  }

  #alreadyDone(token: string, digest: string): boolean {
    const before = this.#cloud.store.get<{ digest: string; at: number }>(TOKENS, token);
    if (!before || before.at + TOKEN_LIFETIME <= this.#cloud.clock.now()) return false;
    if (before.digest === digest) return true;
    throw new ServiceError(
      'IdempotentParameterMismatchException',
      'The parameters of the request differ from those of the earlier request with the same client token',
    );
  }

  #checkDistinct(inputs: readonly WriteInput[]): void {
    const keys = inputs.map((input) => {
      const table = this.tables.get(input.TableName);
      return JSON.stringify([table.name, keyOf(table, input.Item ?? input.Key ?? {})]);
    });
    if (new Set(keys).size < keys.length) {
      const message = 'Transaction request cannot include multiple operations on one item';
      throw new ServiceError('ValidationException', message);
    }
  }

  /** Stored before the commit: a time that turns out to belong to nothing does no harm, a lost one would keep an item for ever. */
  async #beforeCommit(input: WriteInput, scope: Scope): Promise<void> {
    const table = this.tables.get(input.TableName);
    if (table.ttlAttribute === undefined) return;
    const Key = keyOf(table, input.Item ?? input.Key ?? {});
    const item = await this.#item({ TableName: table.name, Key }, scope);
    if (item) this.expiry.note(table, item);
  }

  async #item(input: WriteInput, scope?: Scope): Promise<AttributeMap | undefined> {
    const table = this.tables.get(input.TableName);
    const Key = keyOf(table, input.Item ?? input.Key ?? {});
    const get = { TableName: table.name, Key, ConsistentRead: true };
    return (await this.engine.run<{ Item?: AttributeMap }>('GetItem', get, scope)).Item;
  }

  /** Deletes an item if it is still expired. */
  async #deleteExpired(table: Table, key: AttributeMap): Promise<void> {
    await this.alone(async () => {
      const item = await this.#item({ TableName: table.name, Key: key });
      if (!item || !this.expiry.isDue(table, item)) return;
      const draft = this.engine.draft();
      await this.engine.run('DeleteItem', { TableName: table.name, Key: key }, draft);
      await draft.commit();
    });
  }
}

export interface BatchRequest {
  readonly PutRequest?: { readonly Item: AttributeMap };
  readonly DeleteRequest?: { readonly Key: AttributeMap };
}

const isConditionFailure = (error: unknown): error is ServiceError =>
  error instanceof ServiceError && error.code === 'ConditionalCheckFailedException';

/** The engine knows tables by name only. */
const byName = <T extends object>(input: T): T =>
  'TableName' in input ? { ...input, TableName: nameOf(String(input.TableName)) } : input;
