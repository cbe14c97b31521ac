import { randomBytes } from 'node:crypto';
import { DynamoDbSignOuts } from '../../adapters/dynamodb-sign-outs.ts';
import { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsMacKey } from '../../adapters/kms-mac-key.ts';
import { OidcIssuer } from '../../adapters/oidc-issuer.ts';
import { readDeployedConfig } from '../shared/deployed-config.ts';
import { readEnv } from '../shared/read-env.ts';
import { logger, serve } from '../shared/serve.ts';
import { SignInEnv, SignInInput } from './contract.ts';
import { signIn } from './sign-in.ts';

const env = readEnv(SignInEnv);
const config = readDeployedConfig();
const now = () => new Date();
if (!config.issuer) throw new Error('expected an issuer in the deployed configuration, got none');

export const handler = serve(
  SignInInput,
  signIn({
    issuer: new OidcIssuer({ ...config.issuer, redirectUri: `${env.PAGES_URL}/sign-in/callback`, now }),
    sessionKey: new KmsMacKey(env.SESSION_KEY_ARN),
    signOuts: new DynamoDbSignOuts(new DynamoDbTable(env.LINEAGE_TABLE_NAME, now)),
    pagesUrl: env.PAGES_URL,
    config,
    now,
    newId: () => randomBytes(32).toString('base64url'),
    onRefused: (why, details) => logger.warn(why, details),
  }),
);
