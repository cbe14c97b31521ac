import { DynamoDbFleetStore } from '../../adapters/dynamodb-fleet-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbStalenessStore } from '../../adapters/dynamodb-staleness-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EmbeddedMetrics } from '../../adapters/embedded-metrics.ts';
import { EventBridgeEventPublisher } from '../../adapters/eventbridge-event-publisher.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { SfnExecutions } from '../../adapters/sfn-executions.ts';
import { SnsAlertPublisher } from '../../adapters/sns-alert-publisher.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { logger, serve } from '../shared/serve.ts';
import { MeasureQualityEnv, MeasureQualityInput } from './contract.ts';
import { measureQuality } from './measure-quality.ts';

const env = readEnv(MeasureQualityEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const config = readDeployedConfig();

export const handler = serve(
  MeasureQualityInput,
  measureQuality({
    lineage: new DynamoDbLineageStore(table),
    monitoring: new DynamoDbMonitoringStore(table),
    fleet: new DynamoDbFleetStore(table),
    quality: new DynamoDbQualityStore(table),
    staleness: new DynamoDbStalenessStore(table),
    stalenessExecutions: new SfnExecutions(env.MEASURE_STALENESS_STATE_MACHINE_ARN),
    objects,
    readDefinition: definitionReader(objects, config),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    publisher: new SnsAlertPublisher(env.ALERT_TOPIC_ARN),
    events: new EventBridgeEventPublisher(env.PREFIX),
    onUnheard: (error, { type, detail }) =>
      logger.error('event not taken, and owed on', { type, id: detail.id, error: error as Error }),
    metrics: new EmbeddedMetrics(env.PREFIX),
    config,
    buckets: { captures: env.CAPTURES_BUCKET_NAME, artifacts: env.ARTIFACTS_BUCKET_NAME },
    now,
  }),
);
