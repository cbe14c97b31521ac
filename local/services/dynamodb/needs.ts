import { type Call, type Need, ServiceError } from '../../service.ts';
import type { BatchRequest } from './database.ts';
import type { AttributeMap } from './item.ts';
import type { KeyElement, Tables } from './tables.ts';
import type { TransactItem, WriteInput } from './transaction.ts';

/** Permissions that DynamoDB's operations need, with the partition keys they touch (`dynamodb:LeadingKeys`). */
export class Needs {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** An operation on the table as a whole. */
  table = ({ operation, input }: Call): Need[] => [this.#need(operation, input.TableName)];

  /** GetItem, PutItem, UpdateItem, DeleteItem. */
  item = ({ operation, input }: Call): Need[] => this.#item(operation, input);

  /** Query and Scan: on an index, its ARN alone. */
  search = ({ operation, input }: Call): Need[] => {
    const keys = operation === 'Query' ? this.#queriedKeys(input) : [];
    const index = input.IndexName === undefined ? '' : `/index/${input.IndexName}`;
    return [this.#need(operation, input.TableName, index, keys), ...this.#decrypt(input.TableName)];
  };

  batchGet = ({ input }: Call): Need[] =>
    Object.entries<{ Keys: AttributeMap[] }>(input.RequestItems ?? {}).flatMap(([table, { Keys }]) => [
      this.#need('BatchGetItem', table, '', this.#leadingKeys(table, Keys ?? [])),
      ...this.#decrypt(table),
    ]);

  batchWrite = ({ input }: Call): Need[] =>
    Object.entries<BatchRequest[]>(input.RequestItems ?? {}).flatMap(([table, requests]) => {
      const items = requests.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key ?? {});
      return [this.#need('BatchWriteItem', table, '', this.#leadingKeys(table, items)), ...this.#decrypt(table)];
    });

  transactWrite = ({ input }: Call): Need[] =>
    transactItems(input).flatMap((item: TransactItem) =>
      Object.entries(item).flatMap(([kind, write]) => this.#item(`${kind}Item`, write, 'TransactWriteItems')),
    );

  transactGet = ({ input }: Call): Need[] =>
    transactItems(input).flatMap(({ Get }: TransactItem) =>
      Get ? this.#item('GetItem', Get, 'TransactGetItems') : [],
    );

  #item(action: string, input: WriteInput, enclosing?: string): Need[] {
    const keys = this.#leadingKeys(input.TableName, [input.Item ?? input.Key ?? {}]);
    return [this.#need(action, input.TableName, '', keys, enclosing), ...this.#decrypt(input.TableName)];
  }

  #need(operation: string, table: string, index = '', leadingKeys: string[] = [], enclosing?: string): Need {
    return {
      action: `dynamodb:${operation}`,
      resource: `${this.#tables.arnOf(table)}${index}`,
      context: {
        ...(leadingKeys.length > 0 && { 'dynamodb:LeadingKeys': leadingKeys }),
        ...(enclosing !== undefined && { 'dynamodb:EnclosingOperation': enclosing }),
      },
    };
  }

  /** A table under a customer's key is read and written with the caller's permission to use that key. */
  #decrypt(name: string): Need[] {
    const table = this.#tables.find(name);
    if (table?.kmsKeyArn === undefined) return [];
    const region = table.arn.split(':')[3];
    return [
      {
        action: 'kms:Decrypt',
        resource: table.kmsKeyArn,
        context: {
          'kms:ViaService': `dynamodb.${region}.amazonaws.com`,
          'kms:CallerAccount': table.arn.split(':')[4]!,
          'kms:EncryptionContext:aws:dynamodb:tableName': table.name,
          'kms:EncryptionContext:aws:dynamodb:subscriberId': table.arn.split(':')[4]!,
        },
      },
    ];
  }

  #leadingKeys(name: string, items: readonly AttributeMap[]): string[] {
    const partition = partitionOf(this.#tables.find(name)?.keySchema);
    if (partition === undefined) return [];
    return items.flatMap((item) => (Object.hasOwn(item, partition) ? Object.values(item[partition]!).map(String) : []));
  }

  /** The partition key's value in a query's own condition, `#pk = :pk`. */
  // biome-ignore lint/suspicious/noExplicitAny: a Query's input, checked by the engine
  #queriedKeys(input: any): string[] {
    const table = this.#tables.find(input.TableName);
    const partition = partitionOf(input.IndexName === undefined ? table?.keySchema : table?.indexes[input.IndexName]);
    const equalities = String(input.KeyConditionExpression ?? '').matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g);
    return [...equalities].flatMap(([, name = '', placeholder = '']) => {
      const attribute = name.startsWith('#') ? input.ExpressionAttributeNames?.[name] : name;
      if (attribute !== partition) return [];
      return Object.values(input.ExpressionAttributeValues?.[placeholder] ?? {}).map(String);
    });
  }
}

function transactItems({ TransactItems }: { TransactItems?: unknown }): readonly TransactItem[] {
  if (Array.isArray(TransactItems)) return TransactItems;
  throw new ServiceError('ValidationException', `expected a list of TransactItems, got ${typeof TransactItems}`);
}

const partitionOf = (schema: readonly KeyElement[] | undefined): string | undefined =>
  schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
