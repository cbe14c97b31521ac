import { randomBytes } from 'node:crypto';
import { DynamoDbLineageStore } from '../../adapters/dynamodb-lineage-store.ts';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsLinkSigner } from '../../adapters/kms-link-signer.ts';
import { SnsAlertPublisher } from '../../adapters/sns-alert-publisher.ts';
import { liveKeyArns } from '../shared/contract.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { signInOf } from '../shared/sign-in-of.ts';
import { actOnIncident } from './act-on-incident.ts';
import { ActOnIncidentEnv, ActOnIncidentInput } from './contract.ts';

const env = readEnv(ActOnIncidentEnv);
const now = () => new Date();
const table = new DynamoDbTable(env.LINEAGE_TABLE_NAME, now);

export const handler = serve(
  ActOnIncidentInput,
  actOnIncident({
    lineage: new DynamoDbLineageStore(table),
    monitoring: new DynamoDbMonitoringStore(table),
    links: new KmsLinkSigner(liveKeyArns(env)),
    publisher: new SnsAlertPublisher(env.ALERT_TOPIC_ARN),
    now,
    ...signInOf(env, readDeployedConfig(), table),
    newNonce: () => randomBytes(18).toString('base64url'),
  }),
);
