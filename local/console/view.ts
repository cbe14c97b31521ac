import type { LocalCloud } from '../cloud.ts';
import { type Principal, ServiceError } from '../service.ts';
import type { StatusChanges } from './status-changes.ts';

/** What a page is made from: the cloud as a person sees it through its APIs, and what the address says. */
export interface View {
  readonly cloud: LocalCloud;
  readonly changes: StatusChanges;
  /** Decoded parts of the path below the section. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Calls an operation as the console's own user. @throws {ServiceError} */
  ask<Output>(service: string, operation: string, input?: object): Promise<Output>;
}

export const askAs =
  (cloud: LocalCloud) =>
  async <Output>(service: string, operation: string, input: object = {}): Promise<Output> => {
    const principal: Principal = { kind: 'user', arn: `arn:aws:iam::${cloud.account}:user/console` };
    return (await cloud.call({ service, operation, principal, input })) as Output;
  };

/** What the address names is not there. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** Errors that AWS answers where a thing does not exist, or was misspelt. */
const MISSING =
  /^(.*NotFound.*|NoSuch.*|.*DoesNotExist|NonExistentQueue|.*QueueDoesNotExist|InvalidArn|ResourceNotFoundException|InvalidBucketName|ValidationException|404)$/;

export const isMissing = (error: unknown): boolean =>
  error instanceof NotFound || (error instanceof ServiceError && (error.status === 404 || MISSING.test(error.code)));

/** The outputs of every page of a listing, one after another. @param most pages to read at most */
export async function everyPage<Output>(
  next: (token: string | undefined) => Promise<Output>,
  tokenOf: (output: Output) => string | undefined,
  most = 50,
): Promise<Output[]> {
  const outputs: Output[] = [];
  let token: string | undefined;
  do {
    const output = await next(token);
    outputs.push(output);
    token = tokenOf(output);
  } while (token !== undefined && outputs.length < most);
  return outputs;
}
