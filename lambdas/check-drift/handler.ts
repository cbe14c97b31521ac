import { CloudWatchServiceMeter } from '../../adapters/cloudwatch-service-meter.ts';
import { DynamoDbFleetStore } from '../../adapters/dynamodb-fleet-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EmbeddedMetrics } from '../../adapters/embedded-metrics.ts';
import { EventBridgeEventPublisher } from '../../adapters/eventbridge-event-publisher.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SnsAlertPublisher } from '../../adapters/sns-alert-publisher.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { evaluationReader } from '../shared/read-evaluation.ts';
import { logger, serve } from '../shared/serve.ts';
import { checkDrift } from './check-drift.ts';
import { CheckDriftEnv, CheckDriftInput } from './contract.ts';

const env = readEnv(CheckDriftEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);
const objects = new S3ObjectStore(env.ACCOUNT_ID);

export const handler = serve(
  CheckDriftInput,
  checkDrift({
    lineage: new DynamoDbLineageStore(table),
    monitoring: new DynamoDbMonitoringStore(table),
    quality: new DynamoDbQualityStore(table),
    objects,
    readDefinition: definitionReader(objects, readDeployedConfig()),
    fleet: new DynamoDbFleetStore(table),
    readEvaluation: evaluationReader(objects),
    publisher: new SnsAlertPublisher(env.ALERT_TOPIC_ARN),
    events: new EventBridgeEventPublisher(env.PREFIX),
    onUnheard: (error, { type, detail }) =>
      logger.error('event not taken, and owed on', { type, id: detail.id, error: error as Error }),
    metrics: new EmbeddedMetrics(env.PREFIX),
    service: new CloudWatchServiceMeter(),
    buckets: { artifacts: env.ARTIFACTS_BUCKET_NAME },
    region: process.env.AWS_REGION ?? '',
    now,
  }),
);
