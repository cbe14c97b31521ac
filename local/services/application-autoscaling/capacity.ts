import type { Cloud, Principal } from '../../service.ts';
import { invalid, linkedRole, type ScalableTarget } from './scalable-target.ts';

/**
 * Brings a variant's instance count within its target's range, as registering does.
 *
 * @throws {ServiceError} ValidationException where there is no such endpoint or variant
 */
export async function bringWithin(cloud: Cloud, { ResourceId, min, max }: ScalableTarget): Promise<void> {
  const [, EndpointName, , VariantName] = ResourceId.split('/');
  // AWS's own policy of the service-linked role allows this; no policy of the account's can forbid it.
  const principal: Principal = { kind: 'user', arn: linkedRole(cloud) };
  const { EndpointStatus: status, ProductionVariants: variants = [] } = (await cloud.call({
    service: 'sagemaker',
    operation: 'DescribeEndpoint',
    principal,
    input: { EndpointName },
  })) as { EndpointStatus: string; ProductionVariants?: { VariantName: string; CurrentInstanceCount?: number }[] };
  const variant = variants.find((candidate) => candidate.VariantName === VariantName);
  if (!variant) throw invalid(`Could not find variant "${VariantName}" of endpoint "${EndpointName}".`);
  const { CurrentInstanceCount: count } = variant;
  if (count === undefined) throw invalid(`expected a variant with instances, got the serverless "${VariantName}"`);
  const wanted = Math.min(max, Math.max(min, count));
  if (wanted === count || status !== 'InService') return;
  await cloud.call({
    service: 'sagemaker',
    operation: 'UpdateEndpointWeightsAndCapacities',
    principal,
    input: { EndpointName, DesiredWeightsAndCapacities: [{ VariantName, DesiredInstanceCount: wanted }] },
  });
}
