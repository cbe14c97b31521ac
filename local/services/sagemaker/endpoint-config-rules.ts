import type { CreateEndpointConfigInput, DataCaptureConfig, ProductionVariant } from '@aws-sdk/client-sagemaker';
import { NotImplementedError } from '../../service.ts';
import type { Models } from './models.ts';
import { onlyMembers, requireMembers, requireName, validation } from './names.ts';
import { parseS3Uri } from './role-s3.ts';

const MOST_VARIANTS = 10;
const SERVERLESS_MEMORY_MB = [1024, 2048, 3072, 4096, 5120, 6144];
const MOST_CONCURRENCY = 200;

/**
 * @throws {ServiceError} ValidationException for what AWS refuses
 * @throws {NotImplementedError} for what has no effect here
 */
export function checkEndpointConfig(request: CreateEndpointConfigInput, models: Models): void {
  const { ProductionVariants: variants = [], ShadowProductionVariants: shadows = [] } = request;
  if (variants.length < 1 || variants.length > MOST_VARIANTS)
    throw validation(`expected from 1 to ${MOST_VARIANTS} production variants, got ${variants.length}`);
  const all = [...variants, ...shadows];
  const names = all.map((variant) => requireName('VariantName', variant.VariantName));
  if (new Set(names).size < names.length) throw validation(`expected each variant name once, got ${names.join(', ')}`);
  for (const variant of all) checkVariant(variant, models);
  if (shadows.length > 0) checkShadows(variants, shadows);
  if (all.some((variant) => variant.ServerlessConfig)) checkServerless(request, all, models);
  if (request.DataCaptureConfig) checkCapture(request.DataCaptureConfig);
}

function checkVariant(variant: ProductionVariant, models: Models): void {
  const what = 'CreateEndpointConfig ProductionVariants';
  onlyMembers(what, variant, [
    'VariantName',
    'ModelName',
    'InitialInstanceCount',
    'InstanceType',
    'InitialVariantWeight',
    'ServerlessConfig',
    'ModelDataDownloadTimeoutInSeconds',
    'ContainerStartupHealthCheckTimeoutInSeconds',
    'VolumeSizeInGB',
  ]);
  requireMembers(variant, ['ModelName']);
  models.require(variant.ModelName!);
  const weight = variant.InitialVariantWeight ?? 1;
  if (!(weight >= 0)) throw validation(`expected InitialVariantWeight >= 0, got ${weight}`);
  if (variant.ServerlessConfig) return;
  requireMembers(variant, ['InstanceType', 'InitialInstanceCount']);
  if (variant.InitialInstanceCount! < 1) {
    throw validation(`expected InitialInstanceCount >= 1, got ${variant.InitialInstanceCount}`);
  }
}

function checkShadows(variants: readonly ProductionVariant[], shadows: readonly ProductionVariant[]): void {
  if (variants.length === 1 && shadows.length === 1) return;
  throw validation(
    `expected one production variant and one shadow variant, got ${variants.length} and ${shadows.length}`,
  );
}

/** Serverless endpoints have one variant, no capture, no key, no instances, and models with a network. */
function checkServerless(request: CreateEndpointConfigInput, all: readonly ProductionVariant[], models: Models): void {
  if (all.length > 1) throw validation('Serverless endpoints support a single production variant only');
  if (request.DataCaptureConfig) throw validation('Data capture is not supported for serverless endpoints');
  if (request.KmsKeyId) throw validation('KmsKeyId is not supported for serverless endpoints');
  const variant = all[0]!;
  const instances = [
    'InstanceType',
    'InitialInstanceCount',
    'VolumeSizeInGB',
    'ModelDataDownloadTimeoutInSeconds',
    'ContainerStartupHealthCheckTimeoutInSeconds',
  ] as const;
  const refused = instances.find((member) => variant[member] !== undefined);
  if (refused) throw validation(`expected either ${refused} or ServerlessConfig, got both`);
  const config = variant.ServerlessConfig!;
  const what = 'CreateEndpointConfig ProductionVariants.ServerlessConfig';
  onlyMembers(what, config, ['MemorySizeInMB', 'MaxConcurrency']);
  if (!SERVERLESS_MEMORY_MB.includes(config.MemorySizeInMB!))
    throw validation(`expected MemorySizeInMB ${SERVERLESS_MEMORY_MB.join(', ')}, got ${config.MemorySizeInMB}`);
  if (!(config.MaxConcurrency! >= 1 && config.MaxConcurrency! <= MOST_CONCURRENCY))
    throw validation(`expected MaxConcurrency from 1 to ${MOST_CONCURRENCY}, got ${config.MaxConcurrency}`);
  const model = models.require(variant.ModelName!).request;
  if (model.VpcConfig) throw validation('VpcConfig is not supported for serverless endpoints');
  if (model.EnableNetworkIsolation)
    throw validation('EnableNetworkIsolation is not supported for serverless endpoints');
}

function checkCapture(capture: DataCaptureConfig): void {
  const what = 'CreateEndpointConfig DataCaptureConfig';
  const known = ['EnableCapture', 'InitialSamplingPercentage', 'DestinationS3Uri', 'KmsKeyId', 'CaptureOptions'];
  onlyMembers(what, capture, [...known, 'CaptureContentTypeHeader']);
  requireMembers(capture, ['InitialSamplingPercentage', 'DestinationS3Uri', 'CaptureOptions']);
  parseS3Uri(capture.DestinationS3Uri);
  for (const { CaptureMode: mode } of capture.CaptureOptions ?? []) {
    if (mode === 'InputAndOutput') throw new NotImplementedError(`sagemaker:${what}.CaptureOptions InputAndOutput`);
  }
  const percent = capture.InitialSamplingPercentage!;
  if (!(percent >= 0 && percent <= 100))
    throw validation(`expected InitialSamplingPercentage from 0 to 100, got ${percent}`);
}
