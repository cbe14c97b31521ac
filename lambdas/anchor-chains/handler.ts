import { DynamoDbChainGrowth } from '../../adapters/dynamodb-chain-growth.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { S3ChainAnchors } from '../../adapters/s3-chain-anchors.ts';
import { SnsAlertPublisher } from '../../adapters/sns-alert-publisher.ts';
import { readEnv } from '../shared/read-env.ts';
import { serve } from '../shared/serve.ts';
import { anchorChains } from './anchor-chains.ts';
import { AnchorChainsEnv, AnchorChainsInput } from './contract.ts';

const env = readEnv(AnchorChainsEnv);
const now = () => new Date();

export const handler = serve(
  AnchorChainsInput,
  anchorChains({
    growth: new DynamoDbChainGrowth(new DynamoDbTable(env.LINEAGE_TABLE_NAME, now)),
    anchors: new S3ChainAnchors(env.HEADS_BUCKET_NAME, env.ACCOUNT_ID),
    publisher: new SnsAlertPublisher(env.ALERT_TOPIC_ARN),
    now,
  }),
);
