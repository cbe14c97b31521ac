import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { QUOTA_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { CloudWithFakes } from './cloud-with-fakes.ts';
import { capture, createModel, describeEndpoint, invoke } from './served-models.ts';

const variant = (name: string, weight: number, count = 1) => ({
  VariantName: name,
  ModelName: name,
  InstanceType: 'ml.m5.large',
  InitialInstanceCount: count,
  InitialVariantWeight: weight,
});

describe('a shadow variant', () => {
  let fakes: CloudWithFakes;
  beforeEach(async () => {
    fakes = new CloudWithFakes();
    for (const name of ['live', 'next']) await createModel(fakes, name);
  });
  afterEach(() => fakes.close());

  const createConfig = (over: object = {}) =>
    fakes.call('CreateEndpointConfig', {
      EndpointConfigName: 'v1',
      ProductionVariants: [variant('live', 2)],
      ShadowProductionVariants: [variant('next', 1)],
      ...capture(),
      ...over,
    });
  const createEndpoint = async () => {
    await fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v1' });
    await fakes.idle();
  };
  const captured = (name: string) =>
    [...fakes.objects.keys()]
      .filter((key) => key.startsWith(`captures/flights/v1/flights/${name}/`))
      .flatMap((key) => fakes.text(key).trimEnd().split('\n'))
      .map((line) => JSON.parse(line));
  const invocations = (name: string) =>
    fakes.metrics
      .filter(
        ({ MetricName, Dimensions }) =>
          MetricName === 'Invocations' && Dimensions.length === 2 && Dimensions[1].Value === name,
      )
      .flatMap(({ Counts }) => Counts as number[])
      .reduce((sum, count) => sum + count, 0);

  it('gets copies of its share of the requests, and answers nobody', async () => {
    await createConfig();
    await createEndpoint();
    for (let i = 0; i < 100; i++) expect(await invoke(fakes, `${i}`, { InferenceId: `f-${i}` })).toBe(`live:${i}`);
    await fakes.idle();
    await fakes.cloud.clock.advance(60_000);
    const copies = captured('next');
    expect(captured('live')).toHaveLength(100);
    expect(copies.length / 100).toBeCloseTo(0.5, 1);
    for (const { captureData, eventMetadata } of copies) {
      expect(captureData.endpointOutput.data).toBe(`next:${captureData.endpointInput.data}`);
      expect(eventMetadata.inferenceId).toBe(`f-${captureData.endpointInput.data}`);
    }
    expect([invocations('live'), invocations('next')]).toEqual([100, copies.length]);
  });

  it('captures nothing of a request that fails, and nobody is troubled', async () => {
    await createConfig({ ShadowProductionVariants: [variant('next', 2)] });
    await createEndpoint();
    await expect(invoke(fakes, 'fail')).rejects.toMatchObject({
      code: 'ModelError',
      fields: { OriginalStatusCode: 400 },
    });
    await fakes.idle();
    await fakes.cloud.clock.advance(60_000);
    expect(captured('next')).toEqual([]);
    expect(fakes.reports).toEqual([]);
  });

  it('is described, weighed and counted like the others', async () => {
    fakes.cloud.store.put(QUOTA_SPACE, 'ml.m5.large for endpoint usage', 2);
    await createConfig();
    await createEndpoint();
    expect(await describeEndpoint(fakes)).toMatchObject({
      ProductionVariants: [{ VariantName: 'live', CurrentWeight: 2 }],
      ShadowProductionVariants: [
        { VariantName: 'next', CurrentWeight: 1, DeployedImages: [{ SpecifiedImage: 'served:1' }] },
      ],
    });
    const change = (desired: object) =>
      fakes.call('UpdateEndpointWeightsAndCapacities', {
        EndpointName: 'flights',
        DesiredWeightsAndCapacities: [{ VariantName: 'next', ...desired }],
      });
    await expect(change({ DesiredInstanceCount: 2 })).rejects.toMatchObject({ code: 'ResourceLimitExceeded' });
    await change({ DesiredWeight: 0 });
    await invoke(fakes, 'a');
    await fakes.cloud.clock.advance(60_000);
    expect(captured('next')).toEqual([]);
  });

  it('is one, beside one production variant', async () => {
    const message = 'expected one production variant and one shadow variant, got 1 and 2';
    const two = [variant('next', 1), { ...variant('next', 1), VariantName: 'other' }];
    await expect(createConfig({ ShadowProductionVariants: two })).rejects.toMatchObject({ message });
  });
});
