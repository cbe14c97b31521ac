import type { Cloud } from '../../service.ts';
import { ServiceError } from '../../service.ts';
import type { AttributeMap } from './item.ts';

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

/** What DynamoDB knows of a table beside its items. */
export interface Table {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly keySchema: readonly KeyElement[];
  /** Key schemas of the indexes, by name. */
  readonly indexes: Readonly<Record<string, readonly KeyElement[]>>;
  /** The attribute that holds the time of expiry, in seconds since the epoch. */
  readonly ttlAttribute?: string | undefined;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  /** Key of the customer, where the table is encrypted with one. */
  readonly kmsKeyArn?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** `STACK/LOGICAL_ID` of the template that made it. */
  readonly owner?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

const TABLES = 'dynamodb.tables';

/** Tables by name; items and indexes are the engine's. */
export class Tables {
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  arnOf(nameOrArn: string): string {
    const { region, account } = this.#cloud;
    return `arn:aws:dynamodb:${region}:${account}:table/${nameOf(nameOrArn)}`;
  }

  find(nameOrArn: string): Table | undefined {
    return this.#cloud.store.get<Table>(TABLES, nameOf(nameOrArn));
  }

  /** @throws {ServiceError} ResourceNotFoundException */
  get(nameOrArn: string): Table {
    const table = this.find(nameOrArn);
    if (table) return table;
    throw new ServiceError(
      'ResourceNotFoundException',
      `Requested resource not found: Table: ${nameOf(nameOrArn)} not found`,
    );
  }

  list(): Table[] {
    return this.#cloud.store.list<Table>(TABLES).map(({ value }) => value);
  }

  put(table: Table): void {
    this.#cloud.store.put(TABLES, table.name, table);
  }

  delete(name: string): void {
    this.#cloud.store.delete(TABLES, name);
  }
}

/** A table may be named by its ARN wherever its name stands. */
export const nameOf = (nameOrArn: string | undefined): string =>
  nameOrArn?.startsWith('arn:') ? nameOrArn.split('/').slice(1).join('/') : (nameOrArn ?? '');

/** The key attributes of an item. */
export const keyOf = (table: Table, item: AttributeMap): AttributeMap =>
  Object.fromEntries(
    table.keySchema.flatMap(({ AttributeName: name }) => {
      const value = Object.hasOwn(item, name) ? item[name] : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );
