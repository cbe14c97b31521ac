import { DynamoDbFleetStore } from '../../adapters/dynamodb-fleet-store.ts';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbRollbackStore } from '../../adapters/dynamodb-rollback-store.ts';
import { DynamoDbServedModels } from '../../adapters/dynamodb-served-models.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { S3ObjectStore } from '../../adapters/s3-object-store.ts';
import { SesMailer } from '../../adapters/ses-mailer.ts';
import { SnsAlertPublisher } from '../../adapters/sns-alert-publisher.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { definitionReader } from '../shared/read-definition.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { RaiseAlertEnv, RaiseAlertInput } from './contract.ts';
import { raiseAlert } from './raise-alert.ts';

const env = readEnv(RaiseAlertEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);
const objects = new S3ObjectStore(env.ACCOUNT_ID);
const config = readDeployedConfig();

export const handler = serve(
  RaiseAlertInput,
  raiseAlert({
    lineage: new DynamoDbLineageStore(table),
    monitoring: new DynamoDbMonitoringStore(table),
    fleet: new DynamoDbFleetStore(table),
    served: new DynamoDbServedModels(table),
    rollbacks: new DynamoDbRollbackStore(table),
    objects,
    readDefinition: definitionReader(objects, config),
    mailer: new SesMailer({ from: env.MAIL_FROM }),
    publisher: new SnsAlertPublisher(env.ALERT_TOPIC_ARN),
    links: new KmsLinkSigner([env.LINK_KEY_ARN]),
    apiUrl: env.PAGES_URL,
    config,
    now,
  }),
);
