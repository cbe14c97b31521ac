import { DynamoDbFleetStore } from '../../adapters/dynamodb-fleet-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbServedModels } from '../../adapters/dynamodb-served-models.ts';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EmbeddedMetrics } from '../../adapters/embedded-metrics.ts';
import { EventBridgeEventPublisher } from '../../adapters/eventbridge-event-publisher.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SchedulerMonitoringSchedules } from '../../adapters/scheduler-monitoring-schedules.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { SnsAlertPublisher } from '../../adapters/sns-alert-publisher.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { logger, serve } from '../shared/serve.ts';
import { WatchModelsEnv, WatchModelsInput } from './contract.ts';
import { watchModels } from './watch-models.ts';

const env = readEnv(WatchModelsEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);
const config = readDeployedConfig();
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  WatchModelsInput,
  watchModels({
    lineage: new DynamoDbLineageStore(table),
    monitoring: new DynamoDbMonitoringStore(table),
    staleness: new DynamoDbStalenessStore(table),
    served: new DynamoDbServedModels(table),
    schedules: new SchedulerMonitoringSchedules(env.SCHEDULE_GROUP_NAME, env.PREFIX),
    objects,
    readDefinition: definitionReader(objects, config),
    fleet: new DynamoDbFleetStore(table),
    rollbacks: new DynamoDbRollbackStore(table),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    publisher: new SnsAlertPublisher(env.ALERT_TOPIC_ARN),
    events: new EventBridgeEventPublisher(env.PREFIX),
    onUnheard: (error, { type, detail }) =>
      logger.error('event not taken, and owed on', { type, id: detail.id, error: error as Error }),
    metrics: new EmbeddedMetrics(env.PREFIX),
    links: new KmsLinkSigner([env.LINK_KEY_ARN]),
    apiUrl: env.PAGES_URL,
    config,
    now,
    onUnwatched: (error, model) => logger.error('model could not be looked at', { model, error: error as Error }),
  }),
);
