import type { DesiredWeightAndCapacity } from '@aws-sdk/client-sagemaker';
import type { Quotas } from '../limits.ts';
import { onlyMembers, validation } from '../names.ts';
import { type Endpoint, runningVariants, servingFleet } from './endpoint.ts';

/**
 * Gives variants of the serving fleet their desired weights and instance counts.
 *
 * @throws {ServiceError} ValidationException for an unknown variant; ResourceLimitExceeded
 */
export function changeWeights(
  endpoint: Endpoint,
  wanted: readonly DesiredWeightAndCapacity[] | undefined,
  quotas: Quotas,
): void {
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
    if (more > 0 && variant.instanceType) quotas.admit('endpoint', variant.instanceType, more);
    variant.instanceCount += more;
    variant.weight = desired.DesiredWeight ?? variant.weight;
  }
}
