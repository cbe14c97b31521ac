import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { QUOTA_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { CloudWithFakes } from './cloud-with-fakes.ts';
import { capture, createConfig, createEndpoint, createModel, describeEndpoint, invoke } from './served-models.ts';

describe('an endpoint', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
  });
  afterEach(() => fakes.close());

  const update = (config: string, over: object = {}) =>
    fakes.call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: config, ...over });

  it('serves the model of its configuration and says which image', async () => {
    await createEndpoint(fakes);
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'v1',
      ProductionVariants: [
        {
          VariantName: 'live',
          CurrentInstanceCount: 2,
          CurrentWeight: 1,
          DeployedImages: [{ SpecifiedImage: 'served:1', ResolvedImage: 'served@sha256:served' }],
        },
      ],
    });
    expect(await invoke(fakes, 'a')).toBe('v1:a');
  });

  it('fails where the container does not come up', async () => {
    await createConfig(fakes, 'v1', {}, 'broken');
    await fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v1' });
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('Creating');
    await fakes.idle();
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'Failed',
      FailureReason: expect.stringContaining('The primary container for production variant live'),
    });
    await expect(invoke(fakes, 'a')).rejects.toMatchObject({ code: 'ValidationError' });
  });

  it('answers without interruption while a new configuration replaces the old', async () => {
    await createEndpoint(fakes);
    await createConfig(fakes, 'v2');
    await update('v2');
    const answers = new Set<string>();
    while ((await describeEndpoint(fakes)).EndpointStatus === 'Updating') answers.add(await invoke(fakes, 'a'));
    await fakes.idle();
    expect(answers).toContain('v1:a');
    expect(await invoke(fakes, 'a')).toBe('v2:a');
    expect(await describeEndpoint(fakes)).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'v2' });
  });

  it('is InService with the old configuration and a reason after an update that failed', async () => {
    await createEndpoint(fakes);
    await createConfig(fakes, 'v2', {}, 'broken');
    await update('v2');
    await fakes.idle();
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'v1',
      FailureReason: expect.stringContaining('exited with code 1'),
    });
    expect(await invoke(fakes, 'a')).toBe('v1:a');
  });

  it('says RollbackFailed where the old fleet does not answer either', async () => {
    await createEndpoint(fakes);
    await createConfig(fakes, 'v2', {}, 'broken');
    await invoke(fakes, 'crash').catch(() => {});
    fakes.objects.delete('artifacts/v1/model.tar.gz');
    await update('v2');
    await fakes.idle();
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('UpdateRollbackFailed');
  });

  it('keeps weights and counts with RetainAllVariantProperties', async () => {
    await createEndpoint(fakes);
    await fakes.call('UpdateEndpointWeightsAndCapacities', {
      EndpointName: 'flights',
      DesiredWeightsAndCapacities: [{ VariantName: 'live', DesiredInstanceCount: 5, DesiredWeight: 3 }],
    });
    await createConfig(fakes, 'v2');
    await createConfig(fakes, 'v3');
    await update('v2', { RetainAllVariantProperties: true });
    await fakes.idle();
    expect((await describeEndpoint(fakes)).ProductionVariants[0]).toMatchObject({
      CurrentInstanceCount: 5,
      CurrentWeight: 3,
    });
    await update('v3');
    await fakes.idle();
    expect((await describeEndpoint(fakes)).ProductionVariants[0]).toMatchObject({
      CurrentInstanceCount: 2,
      CurrentWeight: 1,
    });
  });

  it('needs the quota of both fleets for an update', async () => {
    fakes.cloud.store.put(QUOTA_SPACE, 'ml.m5.large for endpoint usage', 3);
    await createEndpoint(fakes);
    await createConfig(fakes, 'v2');
    await expect(update('v2')).rejects.toMatchObject({ code: 'ResourceLimitExceeded' });
  });

  it('starts its process again after a restart, with the first request', async () => {
    await createEndpoint(fakes);
    await fakes.restart();
    expect(await describeEndpoint(fakes)).toMatchObject({ EndpointStatus: 'InService' });
    expect(await invoke(fakes, 'a')).toBe('v1:a');
  });

  it('is brought up by the next run of the local cloud where this one ended meanwhile', async () => {
    await createConfig(fakes, 'v1');
    await fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v1' });
    await fakes.restart();
    await fakes.idle();
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('InService');
    expect(await invoke(fakes, 'a')).toBe('v1:a');
  });

  it('without instances serves too, but captures nothing and cannot get instances', async () => {
    await createConfig(fakes, 'v1');
    await createModel(fakes, 'open', 'open', { EnableNetworkIsolation: false });
    const variant = {
      VariantName: 'live',
      ModelName: 'open',
      ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
    };
    const config = (over: object = {}) =>
      fakes.call('CreateEndpointConfig', { EndpointConfigName: 'serverless', ProductionVariants: [variant], ...over });
    await expect(config(capture())).rejects.toMatchObject({
      message: 'Data capture is not supported for serverless endpoints',
    });
    for (const [wrong, why] of [
      [{ ProductionVariants: [{ ...variant, ModelName: 'v1' }] }, 'EnableNetworkIsolation'],
      [{ ProductionVariants: [variant, { ...variant, VariantName: 'b' }] }, 'single production variant'],
      [{ ProductionVariants: [{ ...variant, InitialInstanceCount: 1 }] }, 'InitialInstanceCount'],
      [{ KmsKeyId: 'key' }, 'KmsKeyId'],
    ] as const) {
      const message = expect.stringContaining(why);
      await expect(config(wrong)).rejects.toMatchObject({ code: 'ValidationException', message });
    }
    await config();
    await fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'serverless' });
    await fakes.idle();
    expect((await describeEndpoint(fakes)).ProductionVariants[0]).toMatchObject({
      CurrentServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
    });
    expect(await invoke(fakes, 'a')).toBe('open:a');
    await expect(invoke(fakes, 'a'.repeat(4 * 2 ** 20 + 1))).rejects.toMatchObject({ code: 'ValidationError' });
    await expect(update('v1')).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('spreads requests over variants by weight, or to the one that is asked for', async () => {
    await createModel(fakes, 'a');
    await createModel(fakes, 'b');
    const variant = (name: string, weight: number) => ({
      VariantName: name,
      ModelName: name,
      InstanceType: 'ml.m5.large',
      InitialInstanceCount: 1,
      InitialVariantWeight: weight,
    });
    await fakes.call('CreateEndpointConfig', {
      EndpointConfigName: 'ab',
      ProductionVariants: [variant('a', 3), variant('b', 1)],
    });
    await fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'ab' });
    await fakes.idle();
    const answers: string[] = [];
    for (let i = 0; i < 200; i++) answers.push(await invoke(fakes, 'x'));
    expect(answers.filter((answer) => answer === 'a:x').length / 200).toBeCloseTo(0.75, 1);
    // By chance: not every fourth one.
    const places = answers.flatMap((answer, at) => (answer === 'b:x' ? [at % 4] : []));
    expect(new Set(places).size).toBe(4);
    expect(await invoke(fakes, 'x', { TargetVariant: 'b' })).toBe('b:x');
    await expect(invoke(fakes, 'x', { TargetVariant: 'c' })).rejects.toMatchObject({ code: 'ValidationError' });
  });

  it('says what the container answered where that is an error', async () => {
    await createEndpoint(fakes);
    await expect(invoke(fakes, 'fail')).rejects.toMatchObject({
      code: 'ModelError',
      status: 424,
      fields: { OriginalStatusCode: 400, OriginalMessage: 'bad fail' },
      message: expect.stringContaining('Received client error (400) from primary with message "bad fail"'),
    });
    await expect(invoke(fakes, 'die')).rejects.toMatchObject({ fields: { OriginalStatusCode: 500 } });
    await expect(invoke(fakes, 'crash')).rejects.toMatchObject({
      code: 'ModelError',
      fields: { OriginalStatusCode: 0 },
    });
    expect(await invoke(fakes, 'a')).toBe('v1:a');
  });

  it('counts invocations, errors and latency by variant and by configuration', async () => {
    await createEndpoint(fakes);
    await invoke(fakes, 'a');
    await invoke(fakes, 'fail').catch(() => {});
    await fakes.cloud.clock.advance(2000);
    const sum = (name: string, dimensions: number) =>
      fakes.metrics
        .filter((datum) => datum.MetricName === name && datum.Dimensions.length === dimensions)
        .flatMap((datum) => datum.Values.map((value: number, i: number) => value * datum.Counts[i]))
        .reduce((a, b) => a + b, 0);
    expect(sum('Invocations', 2)).toBe(2);
    expect(sum('Invocations', 3)).toBe(2);
    expect(sum('Invocation4XXErrors', 2)).toBe(1);
    expect(sum('Invocation5XXErrors', 2)).toBe(0);
    expect(sum('ModelLatency', 2)).toBeGreaterThan(0);
  });

  it('is gone after its deletion, and its processes too', async () => {
    await createEndpoint(fakes);
    const { CustomAttributes } = await fakes.call('InvokeEndpoint', {
      EndpointName: 'flights',
      Body: Buffer.from('a'),
    });
    await fakes.call('DeleteEndpoint', { EndpointName: 'flights' });
    await fakes.idle();
    await expect(describeEndpoint(fakes)).rejects.toMatchObject({
      message: 'Could not find endpoint "arn:aws:sagemaker:eu-west-1:000000000000:endpoint/flights".',
    });
    expect(() => process.kill(Number(CustomAttributes.split('=')[1]), 0)).toThrow('ESRCH');
  });

  it('refuses existing names as AWS words it', async () => {
    await createEndpoint(fakes);
    await expect(createModel(fakes, 'v1')).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining('Cannot create already existing model'),
    });
    const again = fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v1' });
    await expect(again).rejects.toMatchObject({
      message: expect.stringContaining('Cannot create already existing endpoint'),
    });
  });
});
