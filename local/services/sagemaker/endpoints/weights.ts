import type { DesiredWeightAndCapacity } from '@aws-sdk/client-sagemaker';
import { hasCapacity, NO_ENDPOINT_CAPACITY } from '../limits.ts';
import { onlyMembers, validation } from '../names.ts';
import type { Platform } from '../platform.ts';
import { type Endpoint, runningVariants, servingFleet } from './endpoint.ts';

/**
 * An endpoint whose serving fleet has the desired weights and instance counts; the old ones and a reason, where AWS has no
 * such instances left.
 *
 * @throws {ServiceError} ValidationException for an unknown variant; ResourceLimitExceeded
 */
export function changeWeights(
  { cloud, quotas }: Platform,
  before: Endpoint,
  wanted: readonly DesiredWeightAndCapacity[] | undefined,
): Endpoint {
  const endpoint = structuredClone(before);
  endpoint.failureReason = undefined;
  const variants = runningVariants(servingFleet(endpoint)!);
  for (const desired of wanted ?? []) {
    onlyMembers('UpdateEndpointWeightsAndCapacities', desired, [
      'VariantName',
      'DesiredWeight',
      'DesiredInstanceCount',
    ]);
    const variant = variants.find(({ name }) => name === desired.VariantName);
    if (!variant) throw validation(`Could not find variant "${desired.VariantName}" in endpoint "${endpoint.arn}".`);
    if (variant.serverless && desired.DesiredInstanceCount !== undefined) {
      throw validation(`expected no DesiredInstanceCount for the serverless variant "${variant.name}"`);
    }
    const more = (desired.DesiredInstanceCount ?? variant.instanceCount) - variant.instanceCount;
    if (more > 0 && variant.instanceType) {
      quotas.admit('endpoint', variant.instanceType, more);
      if (!hasCapacity(cloud, variant.instanceType, more)) return { ...before, failureReason: NO_ENDPOINT_CAPACITY };
    }
    variant.instanceCount += more;
    variant.weight = desired.DesiredWeight ?? variant.weight;
  }
  return endpoint;
}
