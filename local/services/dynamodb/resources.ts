import { physicalName } from '../../physical-name.ts';
import type { Cloud, ProvisionedResource, ResourceHandler, ResourceRequest } from '../../service.ts';
import { NotImplementedError, ServiceError } from '../../service.ts';
import type { Database } from './database.ts';
import type { TableOperations } from './table-operations.ts';
import type { Table } from './tables.ts';

/** What a template may change on a table that exists. */
interface Settings {
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly kmsKeyArn: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** AWS::DynamoDB::Table and, in one region, AWS::DynamoDB::GlobalTable. */
export function tableResources(
  cloud: Cloud,
  database: Database,
  operations: TableOperations,
): Readonly<Record<string, ResourceHandler>> {
  const definition = [
    'TableName',
    'KeySchema',
    'AttributeDefinitions',
    'BillingMode',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
  ];
  const common = [...definition, 'SSESpecification', 'TimeToLiveSpecification'];
  const handler = (
    properties: readonly string[],
    settingsOf: (request: ResourceRequest) => Settings,
  ): ResourceHandler => ({
    properties,
    create: async (request) => createTable(cloud, database, operations, request, settingsOf(request)),
    update: async (request, current) => updateTable(database, operations, request, current, settingsOf(request)),
    delete: async (_request, current) => {
      await operations.delete(current.ref);
    },
  });
  return {
    'AWS::DynamoDB::Table': handler(
      [...common, 'ProvisionedThroughput', 'DeletionProtectionEnabled', 'PointInTimeRecoverySpecification', 'Tags'],
      ({ properties }) => settings(properties, properties.SSESpecification?.KMSMasterKeyId),
    ),
    'AWS::DynamoDB::GlobalTable': handler([...common, 'Replicas'], (request) => replicaSettings(cloud, request)),
  };
}

function replicaSettings(cloud: Cloud, { properties }: ResourceRequest): Settings {
  const [replica, ...others] = properties.Replicas ?? [];
  if (!replica || replica.Region !== cloud.region || others.length > 0) {
    throw new NotImplementedError('AWS::DynamoDB::GlobalTable Replicas in other regions');
  }
  const known = [
    'Region',
    'PointInTimeRecoverySpecification',
    'DeletionProtectionEnabled',
    'SSESpecification',
    'Tags',
    'GlobalSecondaryIndexes',
    'ContributorInsightsSpecification',
  ];
  const unknown = Object.keys(replica).find((member) => !known.includes(member));
  if (unknown) throw new NotImplementedError(`AWS::DynamoDB::GlobalTable Replicas ${unknown}`);
  return settings(replica, replica.SSESpecification?.KMSMasterKeyId);
}

// biome-ignore lint/suspicious/noExplicitAny: a template's properties
const settings = (properties: any, kmsKeyArn: string | undefined): Settings => ({
  deletionProtection: properties.DeletionProtectionEnabled ?? false,
  pointInTimeRecovery: properties.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false,
  kmsKeyArn,
  tags: Object.fromEntries((properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value])),
});

async function createTable(
  cloud: Cloud,
  database: Database,
  operations: TableOperations,
  request: ResourceRequest,
  known: Settings,
): Promise<ProvisionedResource> {
  const { properties } = request;
  const name = physicalName(request, { given: properties.TableName, longest: 255 });
  const owner = `${request.stackName}/${request.logicalId}`;
  const before = database.tables.find(name);
  if (before?.owner === owner) {
    // Made by a deployment that was cut short before it could say so.
    return updateTable(database, operations, request, provisioned(before), known);
  }
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = properties;
  await operations.create(
    {
      TableName: name,
      KeySchema,
      AttributeDefinitions,
      ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(onDemand) }),
      ...(LocalSecondaryIndexes && { LocalSecondaryIndexes }),
      // Capacity is never short here, so how it is paid for makes no difference.
      BillingMode: 'PAY_PER_REQUEST',
    },
    { ...known, owner, createdAt: cloud.clock.now() },
  );
  await applyTimeToLive(operations, name, properties);
  return provisioned(database.tables.get(name));
}

// biome-ignore lint/suspicious/noExplicitAny: a template's properties
const onDemand = ({ IndexName, KeySchema, Projection }: any) => ({ IndexName, KeySchema, Projection });

async function updateTable(
  database: Database,
  operations: TableOperations,
  { properties }: ResourceRequest,
  current: ProvisionedResource,
  known: Settings,
): Promise<ProvisionedResource> {
  const table = database.tables.get(current.ref);
  const indexes = [...(properties.GlobalSecondaryIndexes ?? []), ...(properties.LocalSecondaryIndexes ?? [])];
  const wanted = Object.fromEntries(indexes.map(({ IndexName, KeySchema }) => [IndexName, KeySchema]));
  if (!sameSchema(table.keySchema, properties.KeySchema) || !sameSchema(table.indexes, wanted)) {
    throw new NotImplementedError('AWS::DynamoDB::Table change of keys or indexes; start afresh');
  }
  if (properties.TableName !== undefined && properties.TableName !== table.name) {
    throw new NotImplementedError('AWS::DynamoDB::Table change of TableName; start afresh');
  }
  database.tables.put({ ...table, ...known });
  await applyTimeToLive(operations, table.name, properties);
  return provisioned(database.tables.get(table.name));
}

// biome-ignore lint/suspicious/noExplicitAny: a template's properties
async function applyTimeToLive(operations: TableOperations, name: string, properties: any): Promise<void> {
  const { Enabled = false, AttributeName } = properties.TimeToLiveSpecification ?? {};
  if (Enabled && typeof AttributeName !== 'string') {
    throw new ServiceError('ValidationException', 'expected TimeToLiveSpecification.AttributeName, got none');
  }
  await operations.setTimeToLive(name, Enabled ? AttributeName : undefined);
}

const provisioned = ({ name, arn, id }: Table): ProvisionedResource => ({
  ref: name,
  attributes: { Arn: arn, TableId: id },
});

const sameSchema = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, member]) => [key, sorted(member)]),
        )
      : value;
