import type { ProductionVariant } from '@aws-sdk/client-sagemaker';
import type { EndpointConfig } from '../endpoint-configs.ts';
import type { Models } from '../models.ts';
import type { Fleet, Retained, Variant } from './endpoint.ts';

/** The fleet of a configuration, with a copy of what its models are now; it has all the traffic once it answers. */
export function newFleet(id: string, config: EndpointConfig, models: Models): Fleet {
  const { ProductionVariants = [], ShadowProductionVariants: shadows, DataCaptureConfig: capture } = config.request;
  return {
    id,
    configName: config.name,
    share: 0,
    variants: ProductionVariants.map((variant) => newVariant(variant, models)),
    ...(shadows?.length && { shadows: shadows.map((variant) => newVariant(variant, models)) }),
    ...(capture && { capture }),
  };
}

function newVariant(variant: ProductionVariant, models: Models): Variant {
  const model = models.require(variant.ModelName!);
  const { MemorySizeInMB, MaxConcurrency } = variant.ServerlessConfig ?? {};
  return {
    name: variant.VariantName!,
    modelName: model.name,
    container: model.container,
    roleArn: model.request.ExecutionRoleArn!,
    ...(variant.InstanceType && { instanceType: variant.InstanceType }),
    ...(variant.ServerlessConfig && { serverless: { MemorySizeInMB, MaxConcurrency } }),
    weight: variant.InitialVariantWeight ?? 1,
    instanceCount: variant.InitialInstanceCount ?? 0,
  };
}

/** Variants that keep their name keep their weight and instance count, and the fleet its capture, except what is excluded. */
export function retain(fresh: Fleet, current: Fleet, retained: Retained): Fleet {
  if (!retained.all) return fresh;
  const excluded = new Set(retained.except.map((property) => property.VariantPropertyType));
  for (const variant of fresh.variants) {
    const old = current.variants.find(({ name }) => name === variant.name);
    if (!old) continue;
    if (!excluded.has('DesiredWeight')) variant.weight = old.weight;
    if (!excluded.has('DesiredInstanceCount')) variant.instanceCount = old.instanceCount;
  }
  const { capture, ...rest } = fresh;
  const kept = excluded.has('DataCaptureConfig') ? capture : (current.capture ?? capture);
  return { ...rest, ...(kept && { capture: kept }) };
}
