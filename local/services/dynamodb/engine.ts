import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ServiceError } from '../../service.ts';
import { ALWAYS, type Expression, holds } from './expression.ts';
import { type AttributeMap, type AttributeValue, itemSize } from './item.ts';
import { refusedItem, refusedSearch } from './refusals.ts';
import type { Table } from './tables.ts';

type Callback<T> = (error: unknown, result?: T) => void;

/** One of dynalite's key–value spaces: a table's items, an index. */
interface Space {
  lock(key: string, run: (release: (callback: unknown) => unknown) => void): void;
  get(key: string, callback: Callback<AttributeMap>): void;
  put(key: string, value: AttributeMap, callback: Callback<void>): void;
  del(key: string, callback: Callback<void>): void;
  createValueStream(options: unknown): unknown;
}

type Write =
  | { readonly type: 'put'; readonly key: string; readonly value: AttributeMap }
  | { readonly type: 'del'; readonly key: string };

interface TableSchema {
  readonly KeySchema: readonly { readonly AttributeName: string }[];
}

/** An input that dynalite has checked; what it parsed carries an underscore. */
interface ParsedInput {
  readonly TableName: string;
  readonly Key?: AttributeMap;
  readonly Item?: AttributeMap;
  readonly ProjectionExpression?: string;
  /** Of a Query, by attribute. */
  readonly KeyConditions?: Readonly<Record<string, { readonly AttributeValueList: readonly AttributeValue[] }>>;
  Select?: string;
  readonly _condition?: { expression: Expression };
  readonly _filter?: { expression: Expression };
  readonly _projection?: { paths?: unknown };
}

interface SearchResult {
  readonly Items?: readonly AttributeMap[];
  readonly Count: number;
}

/** As much of dynalite's store as is used. */
interface EngineStore {
  readonly db: { batch(writes: readonly Write[], callback: Callback<void>): void; close(): Promise<void> };
  readonly tableDb: { awsAccountId: string; awsRegion: string };
  getTable(name: string, callback: Callback<TableSchema>): void;
  getItemDb(table: string): Space;
  getIndexDb(kind: string, table: string, index: string): Space;
}

interface Action {
  readonly run: (store: EngineStore, data: unknown, callback: Callback<unknown>) => void;
  readonly rules: { readonly types: unknown; readonly custom?: unknown };
}

const ACTIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;
export type EngineAction = (typeof ACTIONS)[number];

/** Where reads and writes of one operation go: the tables themselves, or a draft over them. */
export interface Scope {
  readonly store: EngineStore;
}

/** Writes that are not yet committed; reads see them. */
export interface Draft extends Scope {
  /** Of the items that are put. */
  readonly bytes: number;
  /** One LevelDB batch: all or nothing, whenever the process dies. */
  commit(): Promise<void>;
}

interface EngineSettings {
  readonly account: string;
  readonly region: string;
  /** Key schemas of a table's indexes, by name. */
  readonly indexesOf: (table: string) => Table['indexes'];
}

/**
 * dynalite's own actions, run in process on one LevelDB.
 *
 * Each action runs over a draft of the store, which is what makes several of them atomic.
 */
export class Engine implements Scope {
  readonly store: EngineStore;
  readonly #indexesOf: EngineSettings['indexesOf'];
  readonly #actions: ReadonlyMap<EngineAction, Action>;
  readonly #mapPaths: (paths: unknown, item: AttributeMap) => AttributeMap;
  readonly #validations: {
    checkTypes(input: unknown, types: unknown): unknown;
    checkValidations(data: unknown, types: unknown, custom: unknown, store: EngineStore): void;
  };

  /** @param directory of the database files; made where it is missing */
  constructor(directory: string, { account, region, indexesOf }: EngineSettings) {
    this.#indexesOf = indexesOf;
    const require = createRequire(import.meta.url);
    mkdirSync(directory, { recursive: true });
    const instant = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
    const { create, mapPaths } = require('dynalite/db');
    this.store = create({ ...instant, path: directory }) as EngineStore;
    this.#mapPaths = mapPaths;
    Object.assign(this.store.tableDb, { awsAccountId: account, awsRegion: region });
    this.#validations = require('dynalite/validations');
    this.#actions = new Map(
      ACTIONS.map((name) => {
        const file = `${name[0]!.toLowerCase()}${name.slice(1)}`;
        const rules = require(`dynalite/validations/${file}`);
        return [name, { run: require(`dynalite/actions/${file}`), rules }];
      }),
    );
  }

  /**
   * Checks an input without running it.
   *
   * @returns the input as dynalite's actions want it, expressions parsed
   * @throws {ServiceError} ValidationException, SerializationException
   */
  parse(name: EngineAction, input: unknown): ParsedInput {
    const { rules } = this.#actions.get(name)!;
    try {
      const data = this.#validations.checkTypes(structuredClone(input), rules.types);
      this.#validations.checkValidations(data, rules.types, rules.custom, this.store);
      const refusal = refusedSearch(data as ParsedInput);
      if (refusal) throw refusal;
      return data as ParsedInput;
    } catch (error) {
      throw serviceError(error);
    }
  }

  /** @throws {ServiceError} what DynamoDB answers */
  async run<T>(name: EngineAction, input: unknown, scope: Scope = this): Promise<T> {
    const data = this.parse(name, input);
    if (data._filter) return (await this.#search(name, data, scope)) as T;
    if (data._condition) await this.#checkCondition(data, scope);
    return this.#act<T>(name, data, scope);
  }

  #act<T>(name: EngineAction, data: unknown, scope: Scope): Promise<T> {
    const { run } = this.#actions.get(name)!;
    return new Promise((resolve, reject) => {
      run(scope.store, data, (error, result) => (error ? reject(serviceError(error)) : resolve(result as T)));
    });
  }

  /** Judges the condition here, and leaves the engine one that always holds. */
  async #checkCondition(data: ParsedInput, scope: Scope): Promise<void> {
    const table = await new Promise<TableSchema>((resolve, reject) => {
      scope.store.getTable(data.TableName, (error, found) => (error ? reject(serviceError(error)) : resolve(found!)));
    });
    const given = data.Key ?? data.Item ?? {};
    const Key = Object.fromEntries(table.KeySchema.map(({ AttributeName: key }) => [key, given[key]]));
    const get = this.parse('GetItem', { TableName: data.TableName, Key });
    const { Item = {} } = await this.#act<{ Item?: AttributeMap }>('GetItem', get, scope);
    if (!holds(data._condition!.expression, Item)) {
      throw new ServiceError('ConditionalCheckFailedException', 'The conditional request failed');
    }
    data._condition!.expression = ALWAYS;
  }

  /** Query and Scan: filters here, and projects after that. */
  async #search(name: EngineAction, data: ParsedInput, scope: Scope): Promise<SearchResult> {
    const filter = data._filter!.expression;
    const paths = data._projection?.paths;
    const countOnly = data.Select === 'COUNT';
    data._filter!.expression = ALWAYS;
    if (data._projection) delete data._projection.paths;
    if (countOnly) delete data.Select;
    const { Items = [], ...result } = await this.#act<SearchResult>(name, data, scope);
    const found = Items.filter((item) => holds(filter, item));
    return {
      ...result,
      Count: found.length,
      ...(!countOnly && { Items: paths ? found.map((item) => this.#mapPaths(paths, item)) : found }),
    };
  }

  /** A draft over the tables, or over another draft. */
  draft(base: Scope = this): Draft {
    const writes = new Map<string, Write>();
    const store: EngineStore = {
      ...base.store,
      getItemDb: (table) =>
        drafted(`item-${table}~`, base.store.getItemDb(table), writes, (item) =>
          refusedItem(item, this.#indexesOf(table)),
        ),
      getIndexDb: (kind, table, index) =>
        drafted(`index-${kind.toLowerCase()}~${table}~${index}~`, base.store.getIndexDb(kind, table, index), writes),
    };
    const commit = () =>
      new Promise<void>((resolve, reject) => {
        this.store.db.batch([...writes.values()], (error) => (error ? reject(error) : resolve()));
      });
    const put = () => [...writes.values()].filter((write) => write.type === 'put' && write.key.startsWith('item-'));
    return {
      store,
      commit,
      get bytes() {
        return put().reduce((sum, write) => sum + (write.type === 'put' ? itemSize(write.value) : 0), 0);
      },
    };
  }

  close(): Promise<void> {
    return this.store.db.close();
  }
}

function drafted(
  prefix: string,
  base: Space,
  writes: Map<string, Write>,
  check: (item: AttributeMap) => ServiceError | undefined = () => undefined,
): Space {
  return {
    // Writes are made one after another, so the engine's own locks have nothing to do.
    lock: (_key, run) => run((callback) => callback),
    createValueStream: (options) => base.createValueStream(options),
    get: (key, callback) => {
      const write = writes.get(prefix + key);
      if (write?.type === 'put') return callback(null, structuredClone(write.value));
      if (write) return callback(Object.assign(new Error('not found'), { name: 'NotFoundError' }));
      base.get(key, callback);
    },
    put: (key, value, callback) => {
      const refusal = check(value);
      if (refusal) return callback(refusal);
      writes.set(prefix + key, { type: 'put', key: prefix + key, value });
      callback(null);
    },
    del: (key, callback) => {
      writes.set(prefix + key, { type: 'del', key: prefix + key });
      callback(null);
    },
  };
}

function serviceError(error: unknown): unknown {
  const { statusCode, body } = error as { statusCode?: number; body?: Record<string, unknown> };
  if (statusCode === undefined || !body) return error;
  const { __type: type, message, Message: capital, ...fields } = body;
  return new ServiceError(String(type).split('#').at(-1)!, String(message ?? capital ?? ''), statusCode, fields);
}
