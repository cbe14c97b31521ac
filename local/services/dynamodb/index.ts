import type { Cloud, Service } from '../../service.ts';
import { Database } from './database.ts';
import { itemOperations } from './item-operations.ts';
import { Needs } from './needs.ts';
import { tableResources } from './resources.ts';
import { TableOperations } from './table-operations.ts';

/** DynamoDB: dynalite's engine, with transactions, expiry and crash-safe writes around it. */
export function createDynamodbService(cloud: Cloud): Service {
  const database = new Database(cloud);
  const needs = new Needs(database.tables);
  const tables = new TableOperations(cloud, database, needs);
  return {
    name: 'dynamodb',
    operations: { ...tables.all, ...itemOperations(database, needs) },
    resources: tableResources(cloud, database, tables),
    resume: async () => database.expiry.arm(),
    stop: () => database.close(),
  };
}
