import { randomBytes } from 'node:crypto';
import { DynamoDbFleetStore } from '../../adapters/dynamodb-fleet-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbReleaseLedger } from '../../adapters/dynamodb-release-ledger.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbServedModels } from '../../adapters/dynamodb-served-models.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { EcrImageRegistry } from '../../adapters/ecr-image-registry.ts';
import { EventBridgeEventPublisher } from '../../adapters/eventbridge-event-publisher.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SfnExecutions } from '../../adapters/sfn-executions.ts';
import { SfnReleaseExecutions } from '../../adapters/sfn-release-executions.ts';
import { SnsAlertPublisher } from '../../adapters/sns-alert-publisher.ts';
import { liveKeyArns } from '../shared/contract.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { logger, serve } from '../shared/serve.ts';
import { signInOf } from '../shared/sign-in-of.ts';
import { actOnIncident } from './act-on-incident.ts';
import { ActOnIncidentEnv, ActOnIncidentInput } from './contract.ts';

const env = readEnv(ActOnIncidentEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const config = readDeployedConfig();
const ledger = new DynamoDbReleaseLedger(table);

export const handler = serve(
  ActOnIncidentInput,
  actOnIncident({
    lineage: ledger,
    ledger,
    fleet: new DynamoDbFleetStore(table),
    served: new DynamoDbServedModels(table),
    rollbacks: new DynamoDbRollbackStore(table),
    rollbackExecutions: new SfnExecutions(env.ROLL_BACK_MODEL_STATE_MACHINE_ARN),
    images: new EcrImageRegistry(env.ACCOUNT_ID, process.env.AWS_REGION ?? ''),
    executions: new SfnReleaseExecutions(env.RELEASE_MODEL_STATE_MACHINE_ARN),
    objects,
    readDefinition: definitionReader(objects, config),
    artifactsBucket: env.ARTIFACTS_BUCKET_NAME,
    mail: config.mail,
    monitoring: new DynamoDbMonitoringStore(table),
    links: new KmsLinkSigner(liveKeyArns(env)),
    publisher: new SnsAlertPublisher(env.ALERT_TOPIC_ARN),
    events: new EventBridgeEventPublisher(env.PREFIX),
    onUnheard: (error, { type, detail }) =>
      logger.error('event not taken, and owed on', { type, id: detail.id, error: error as Error }),
    now,
    ...signInOf(env, config, table),
    newNonce: () => randomBytes(18).toString('base64url'),
  }),
);
