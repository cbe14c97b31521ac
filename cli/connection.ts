import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoDbLineageStore } from '../adapters/dynamodb-lineage-store.ts';
import { DynamoDbTable } from '../adapters/dynamodb-table.ts';
import { findRunning } from '../local/run.ts';
import { UsageError } from './output.ts';

/** What an AWS SDK client is made from. */
export interface ClientConfiguration {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Where commands go: the local cloud if one runs here, otherwise AWS as the environment configures it. */
export interface Connection {
  /** `local cloud at http://127.0.0.1:4566` or `AWS eu-west-1`. */
  readonly where: string;
  readonly local?: string;
  readonly client: ClientConfiguration;
  readonly prefix: string;
  readonly account: string;
  readonly lineage: DynamoDbLineageStore;
  readonly table: DynamoDbTable;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  /** The deployment's time: the local cloud's clock can be moved. */
  now(): Promise<Date>;
}

/** The folder of the local cloud's state: `LAUNCHWAY_STATE`, or `.launchway` here. */
export const stateDirectory = (): string => process.env.LAUNCHWAY_STATE ?? join(process.cwd(), '.launchway');

/**
 * Connects to where Launchway is deployed.
 *
 * @param as person's access key on the local cloud, unless `AWS_ACCESS_KEY_ID` says otherwise
 */
export async function connect(prefix: string, as?: string): Promise<Connection> {
  return connectTo(process.env.AWS_ENDPOINT_URL ?? findRunning(stateDirectory())?.url, prefix, as);
}

/** Where nothing says which: the local cloud's, too. */
export const DEFAULT_REGION = 'eu-west-1';

/** @param local URL of a local cloud; undefined for AWS */
export async function connectTo(local: string | undefined, prefix: string, as = 'dana'): Promise<Connection> {
  const client: ClientConfiguration = local
    ? localClient(local, as)
    : { region: process.env.AWS_REGION ?? DEFAULT_REGION };
  const { Account } = await whoAmI(client, local);
  const document = DynamoDBDocumentClient.from(new DynamoDBClient(client), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const table = new DynamoDbTable(`${prefix}-lineage`, () => new Date(), document);
  return {
    where: local ? `local cloud at ${local}` : `AWS ${client.region}`,
    ...(local && { local }),
    client,
    prefix,
    account: Account!,
    table,
    lineage: new DynamoDbLineageStore(table),
    s3: new S3Client({ ...client, forcePathStyle: Boolean(local) }),
    sfn: new SFNClient(client),
    now: async () => (local ? clockOf(local) : new Date()),
  };
}

async function clockOf(local: string): Promise<Date> {
  const response = await fetch(`${local}/_launchway/clock`);
  if (!response.ok)
    throw new UsageError(`expected the time of the local cloud at ${local}, got HTTP ${response.status}`);
  const { now } = (await response.json()) as { readonly now: string };
  return new Date(now);
}

async function whoAmI(client: ClientConfiguration, local: string | undefined) {
  try {
    return await new STSClient(client).send(new GetCallerIdentityCommand({}));
  } catch (error) {
    if (!local && (error as Error).name === 'CredentialsProviderError') {
      throw new UsageError(
        'expected a local cloud, or credentials for AWS, got neither; start one with launchway local, or configure credentials',
      );
    }
    if (local && /ECONNREFUSED/.test(String((error as NodeJS.ErrnoException).code)))
      throw new UsageError(`expected a local cloud at ${local}, got no answer; start one with launchway local`);
    throw error;
  }
}

/** Keys of the local cloud are names of people; nothing is secret there. */
export const localClient = (endpoint: string, as: string): ClientConfiguration => ({
  endpoint,
  region: DEFAULT_REGION,
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? as,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? 'local',
  },
});
