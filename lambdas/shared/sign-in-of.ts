import type { z } from 'zod';
import { DynamoDbSignOuts } from '../../adapters/dynamodb-sign-outs.ts';
import type { DynamoDbTable } from '../../adapters/dynamodb-table.ts';
import { KmsMacKey } from '../../adapters/kms-mac-key.ts';
import type { DeployedConfig } from '../../domain/deployed-config.ts';
import type { PagesEnv } from './contract.ts';
import type { SignInDependencies } from './session.ts';

/**
 * What a page's handler needs where an issuer is configured, and nothing where none is.
 *
 * @throws {Error} an issuer without the environment to check sessions with: the page must not fall back to the link alone
 */
export function signInOf(
  { SESSION_KEY_ARN, PAGES_URL }: z.infer<typeof PagesEnv>,
  config: DeployedConfig,
  table: DynamoDbTable,
): { readonly signIn?: SignInDependencies } {
  if (!config.issuer) return {};
  if (SESSION_KEY_ARN === undefined || PAGES_URL === undefined) {
    throw new Error('expected SESSION_KEY_ARN and PAGES_URL beside an issuer, got none');
  }
  return {
    signIn: {
      config,
      sessionKey: new KmsMacKey(SESSION_KEY_ARN),
      signOuts: new DynamoDbSignOuts(table),
      pagesUrl: PAGES_URL,
    },
  };
}
