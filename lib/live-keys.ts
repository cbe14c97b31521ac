import type { Key } from 'aws-cdk-lib/aws-kms';
import type { HandlerFunction } from './handler-function.ts';
import { allow } from './permission.ts';

/** The keys of one kind of link: the one that signs and, while keys rotate, the one whose links still work. */
export interface LiveKeys {
  readonly signing: Key;
  readonly former?: Key;
}

// biome-ignore lint/suspicious/noExplicitAny: grants do not depend on a function's environment contract
type AnyHandler = HandlerFunction<any>;

/** Signs links that are mailed. */
export const grantSignLinks = (handler: AnyHandler, { signing }: LiveKeys): void =>
  allow(handler.role, { actions: ['kms:GenerateMac'], resources: [signing.keyArn] });

/** Checks links, and signs the forms of the pages they open. */
export const grantVerifyLinks = (handler: AnyHandler, keys: LiveKeys): void => {
  allow(handler.role, { actions: ['kms:VerifyMac', 'kms:GenerateMac'], resources: [keys.signing.keyArn] });
  if (keys.former) allow(handler.role, { actions: ['kms:VerifyMac'], resources: [keys.former.keyArn] });
};

export const verifyingEnvironment = ({ signing, former }: LiveKeys) => ({
  LINK_KEY_ARN: signing.keyArn,
  ...(former && { FORMER_LINK_KEY_ARN: former.keyArn }),
});
