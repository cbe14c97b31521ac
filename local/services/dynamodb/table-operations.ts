import type { Cloud, Operation } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import type { Database } from './database.ts';
import type { AttributeMap } from './item.ts';
import type { Needs } from './needs.ts';
import type { KeyElement, Table } from './tables.ts';

interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
}

interface Description {
  readonly TableName: string;
  readonly TableStatus: string;
  readonly TableId: string;
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A table's definition, beyond what the engine itself takes. */
// biome-ignore lint/suspicious/noExplicitAny: CreateTable's input, checked by the engine
export type TableInput = any;

/** Creates, describes and deletes tables. */
export class TableOperations {
  readonly #cloud: Cloud;
  readonly #database: Database;
  readonly #needs: Needs;

  constructor(cloud: Cloud, database: Database, needs: Needs) {
    this.#cloud = cloud;
    this.#database = database;
    this.#needs = needs;
  }

  get all(): Readonly<Record<string, Operation>> {
    return { ...this.#definition(), ...this.#timeToLive(), ...this.#tags() };
  }

  #definition(): Readonly<Record<string, Operation>> {
    const table = this.#needs.table;
    return {
      CreateTable: {
        members: [
          'TableName',
          'AttributeDefinitions',
          'KeySchema',
          'BillingMode',
          'ProvisionedThroughput',
          'GlobalSecondaryIndexes',
          'LocalSecondaryIndexes',
          'DeletionProtectionEnabled',
          'Tags',
        ],
        needs: table,
        run: async ({ input }) => ({ TableDescription: await this.create(input) }),
      },
      DescribeTable: {
        members: ['TableName'],
        needs: table,
        run: async ({ input }) => ({ Table: await this.describe(this.#database.tables.get(input.TableName)) }),
      },
      DeleteTable: {
        members: ['TableName'],
        needs: table,
        run: async ({ input }) => ({ TableDescription: await this.delete(input.TableName) }),
      },
      ListTables: {
        members: ['ExclusiveStartTableName', 'Limit'],
        needs: () => [{ action: 'dynamodb:ListTables', resource: '*' }],
        run: async ({ input }) => this.#database.read('ListTables', input),
      },
    };
  }

  #timeToLive(): Readonly<Record<string, Operation>> {
    const table = this.#needs.table;
    return {
      UpdateTimeToLive: {
        members: ['TableName', 'TimeToLiveSpecification'],
        needs: table,
        run: async ({ input }) => {
          const { Enabled, AttributeName } = input.TimeToLiveSpecification;
          checkTimeToLive(this.#database.tables.get(input.TableName), Enabled, AttributeName);
          await this.setTimeToLive(input.TableName, Enabled ? AttributeName : undefined);
          return { TimeToLiveSpecification: { Enabled, AttributeName } };
        },
      },
      DescribeTimeToLive: {
        members: ['TableName'],
        needs: table,
        run: async ({ input }) => {
          const { ttlAttribute } = this.#database.tables.get(input.TableName);
          const status = ttlAttribute === undefined ? 'DISABLED' : 'ENABLED';
          return { TimeToLiveDescription: { TimeToLiveStatus: status, AttributeName: ttlAttribute } };
        },
      },
    };
  }

  #tags(): Readonly<Record<string, Operation>> {
    const tagged: Operation['needs'] = ({ operation, input }) => [
      { action: `dynamodb:${operation}`, resource: input.ResourceArn },
    ];
    return {
      ListTagsOfResource: {
        members: ['ResourceArn'],
        needs: tagged,
        run: async ({ input }) => {
          const { tags } = this.#database.tables.get(input.ResourceArn);
          return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
        },
      },
      TagResource: {
        members: ['ResourceArn', 'Tags'],
        needs: tagged,
        run: async ({ input }) => {
          const known = this.#database.tables.get(input.ResourceArn);
          this.#database.tables.put({ ...known, tags: { ...known.tags, ...tagMap(input.Tags) } });
          return {};
        },
      },
    };
  }

  /**
   * @param settings what only a template sets
   * @returns the table's description; the table is ready
   */
  async create(input: TableInput, settings: Partial<Table> = {}): Promise<object> {
    const { Tags, DeletionProtectionEnabled, ...definition } = input;
    const name = String(definition.TableName);
    if (this.#database.tables.find(name)) {
      throw new ServiceError('ResourceInUseException', `Table already exists: ${name}`);
    }
    await this.#dropUnfinished(name);
    const { TableDescription: made } = await this.#database.read<{ TableDescription: Description }>(
      'CreateTable',
      definition,
    );
    await this.#settled(made.TableName, 'ACTIVE');
    const indexes = [...(made.GlobalSecondaryIndexes ?? []), ...(made.LocalSecondaryIndexes ?? [])];
    const table: Table = {
      name: made.TableName,
      arn: this.#database.tables.arnOf(made.TableName),
      id: made.TableId,
      keySchema: made.KeySchema,
      indexes: Object.fromEntries(indexes.map(({ IndexName, KeySchema }) => [IndexName, KeySchema])),
      deletionProtection: DeletionProtectionEnabled ?? false,
      pointInTimeRecovery: false,
      tags: tagMap(Tags ?? []),
      createdAt: this.#cloud.clock.now(),
      ...settings,
    };
    this.#database.tables.put(table);
    return this.describe(table);
  }

  async describe(table: Table): Promise<object> {
    const { Table: description } = await this.#database.read<{ Table: Description }>('DescribeTable', {
      TableName: table.name,
    });
    return {
      ...description,
      CreationDateTime: new Date(table.createdAt),
      DeletionProtectionEnabled: table.deletionProtection,
      ...(table.kmsKeyArn !== undefined && {
        SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.kmsKeyArn },
      }),
    };
  }

  async delete(name: string): Promise<object> {
    const table = this.#database.tables.get(name);
    if (table.deletionProtection) {
      const message = `Resource cannot be deleted as it is currently protected against deletion: Table: ${table.name}`;
      throw new ServiceError('ValidationException', message);
    }
    const description = await this.describe(table);
    await this.#database.alone(() => this.#database.read('DeleteTable', { TableName: table.name }));
    await this.#settled(table.name, undefined);
    this.#database.tables.delete(table.name);
    return { ...description, TableStatus: 'DELETING' };
  }

  /** @param attribute undefined: items no longer expire */
  async setTimeToLive(name: string, attribute: string | undefined): Promise<void> {
    const table = { ...this.#database.tables.get(name), ttlAttribute: attribute };
    this.#database.tables.put(table);
    if (attribute === undefined) return;
    let ExclusiveStartKey: AttributeMap | undefined;
    do {
      const page: { Items: AttributeMap[]; LastEvaluatedKey?: AttributeMap } = await this.#database.read('Scan', {
        TableName: table.name,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      });
      for (const item of page.Items) this.#database.expiry.note(table, item);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }

  /** A table that the engine has and nobody was told of: its creation was cut short. */
  async #dropUnfinished(TableName: string): Promise<void> {
    if (this.#database.tables.find(TableName) || (await this.#status(TableName)) === undefined) return;
    await this.#database.read('DeleteTable', { TableName });
    await this.#settled(TableName, undefined);
  }

  /** The engine changes a table's status a turn of the event loop later. */
  async #settled(name: string, status: string | undefined): Promise<void> {
    for (;;) {
      if ((await this.#status(name)) === status) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #status(TableName: string): Promise<string | undefined> {
    try {
      return (await this.#database.read<{ Table: Description }>('DescribeTable', { TableName })).Table.TableStatus;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}

/** @throws {ServiceError} ValidationException for what is so already, or would replace another attribute */
function checkTimeToLive({ ttlAttribute: current }: Table, enabled: boolean, attribute: string): void {
  const refusal = refusedTimeToLive(current, enabled, attribute);
  if (refusal) throw new ServiceError('ValidationException', refusal);
}

function refusedTimeToLive(current: string | undefined, enabled: boolean, attribute: string): string | undefined {
  if (current === undefined) return enabled ? undefined : 'TimeToLive is already disabled';
  if (current !== attribute)
    return `TimeToLive is active on a different AttributeName: current AttributeName is ${current}`;
  return enabled ? 'TimeToLive is already enabled' : undefined;
}

const tagMap = (tags: readonly Tag[]): Record<string, string> =>
  Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
