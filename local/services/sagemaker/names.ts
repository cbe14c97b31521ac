import type { Cloud } from '../../service.ts';
import { NotImplementedError, ServiceError } from '../../service.ts';

const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** What an ARN of SageMaker names. */
export type Kind =
  | 'training-job'
  | 'hyper-parameter-tuning-job'
  | 'transform-job'
  | 'model'
  | 'endpoint-config'
  | 'endpoint'
  | 'model-package-group'
  | 'model-package';

/** SageMaker writes names in its ARNs in lower case. */
export const arnOf = (cloud: Cloud, kind: Kind, name: string): string =>
  `arn:aws:sagemaker:${cloud.region}:${cloud.account}:${kind}/${String(name).toLowerCase()}`;

export const validation = (message: string): ServiceError => new ServiceError('ValidationException', message);

/**
 * @param longest in characters
 * @throws {ServiceError} ValidationException where the name is not one of that many letters, digits and inner hyphens
 */
export function requireName(member: string, value: unknown, longest = 63): string {
  if (typeof value === 'string' && value.length <= longest && NAME.test(value)) return value;
  const at = member.charAt(0).toLowerCase() + member.slice(1);
  throw validation(
    `1 validation error detected: Value '${String(value)}' at '${at}' failed to satisfy constraint: Member must have length less than or equal to ${longest} and satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,${longest - 1}}`,
  );
}

/** @throws {ServiceError} ValidationException where a required member is missing */
export function requireMembers(input: object, members: readonly string[]): void {
  const missing = members.filter((member) => (input as Record<string, unknown>)[member] === undefined);
  if (missing.length === 0) return;
  throw validation(
    `${missing.length} validation error${missing.length > 1 ? 's' : ''} detected: ${missing
      .map((member) => `Value null at '${member}' failed to satisfy constraint: Member must not be null`)
      .join('; ')}`,
  );
}

/** @throws {NotImplementedError} where a nested structure has a member that has no effect here */
export function onlyMembers(what: string, value: object | undefined, members: readonly string[]): void {
  for (const [member, set] of Object.entries(value ?? {})) {
    if (set !== undefined && !members.includes(member)) throw new NotImplementedError(`sagemaker:${what}.${member}`);
  }
}

/** @throws {NotImplementedError} where a value other than these is asked for */
export function onlyValues(what: string, value: unknown, values: readonly unknown[]): void {
  if (value !== undefined && !values.includes(value)) throw new NotImplementedError(`sagemaker:${what} ${value}`);
}
