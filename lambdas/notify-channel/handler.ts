import { DynamoDbApprovalStore } from '../../adapters/dynamodb-approval-store.ts';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbPostedNotices } from '../../adapters/dynamodb-posted-notices.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { HttpChannelPoster } from '../../adapters/http-channel-poster.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SecretsManagerReader } from '../../adapters/secrets-manager-reader.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader, definitionTextReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { evaluationReader } from '../shared/read-evaluation.ts';
import { logger, serve } from '../shared/serve.ts';
import { NotifyChannelEnv, NotifyChannelInput } from './contract.ts';
import { notifyChannel } from './notify-channel.ts';

const env = readEnv(NotifyChannelEnv);
const config = readDeployedConfig();
const now = () => new Date();
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  NotifyChannelInput,
  notifyChannel({
    lineage: new DynamoDbLineageStore(table),
    approvals: new DynamoDbApprovalStore(table),
    audit: new DynamoDbAuditTrail(table),
    posted: new DynamoDbPostedNotices(table),
    secrets: new SecretsManagerReader(),
    poster: new HttpChannelPoster(),
    readDefinition: definitionReader(objects, config),
    readDefinitionText: definitionTextReader(objects),
    readEvaluation: evaluationReader(objects),
    config,
    pagesUrl: env.PAGES_URL,
    now,
    onFailure: (error, messageId) => logger.error('channel not told', { error: error as Error, messageId }),
  }),
);
