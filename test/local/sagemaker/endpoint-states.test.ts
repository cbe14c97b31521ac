import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ModelServer } from '../../../local/services/sagemaker/container/model-server.ts';
import { CAPACITY_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { assumeForSageMaker, createPlatform } from '../../../local/services/sagemaker/platform.ts';
import { CloudWithFakes, ROLE } from './cloud-with-fakes.ts';
import { createConfig, createEndpoint, describeEndpoint, invoke } from './served-models.ts';

describe('an endpoint', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
  });
  afterEach(() => fakes.close());

  const update = (config: string) =>
    fakes.call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: config });
  const systemUpdate = async (body: unknown, method = 'POST', type = 'application/json') => {
    const path = '/_launchway/sagemaker/system-update';
    return (
      await fakes.cloud.http.find(path)!({
        method,
        path,
        query: new URLSearchParams(),
        headers: new Map([['content-type', type]]),
        body: Buffer.from(JSON.stringify(body)),
        sourceIp: '127.0.0.1',
      })
    ).status;
  };

  it('fails without instances to be had, and an update returns to the old configuration', async () => {
    fakes.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 0);
    await createEndpoint(fakes);
    const FailureReason = expect.stringContaining('InsufficientInstanceCapacity');
    expect(await describeEndpoint(fakes)).toMatchObject({ EndpointStatus: 'Failed', FailureReason });
    await fakes.call('DeleteEndpoint', { EndpointName: 'flights' });
    await fakes.idle();
    fakes.cloud.store.delete(CAPACITY_SPACE, 'ml.m5.large');
    await fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v1' });
    await fakes.idle();
    fakes.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 1);
    await createConfig(fakes, 'v2');
    await update('v2');
    await fakes.idle();
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'v1',
      FailureReason,
    });
  });

  it('keeps its number of instances where there are no more to be had, and says why', async () => {
    await createEndpoint(fakes);
    fakes.cloud.store.put(CAPACITY_SPACE, 'ml.m5.large', 1);
    const scale = (DesiredInstanceCount: number) =>
      fakes.call('UpdateEndpointWeightsAndCapacities', {
        EndpointName: 'flights',
        DesiredWeightsAndCapacities: [{ VariantName: 'live', DesiredInstanceCount }],
      });
    await scale(5);
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'InService',
      FailureReason: expect.stringContaining('InsufficientInstanceCapacity'),
      ProductionVariants: [{ CurrentInstanceCount: 2 }],
    });
    await scale(3);
    const endpoint = await describeEndpoint(fakes);
    expect(endpoint.ProductionVariants).toMatchObject([{ CurrentInstanceCount: 3 }]);
    expect(endpoint.FailureReason).toBeUndefined();
  });

  it('gives a container so long to answer', async () => {
    await createConfig(fakes, 'v1');
    const platform = createPlatform(fakes.cloud, async () => ({
      directory: join(fakes.images, 'served'),
      digest: 'd',
    }));
    const container = { image: 'served:1', modelDataUrl: 's3://artifacts/v1/model.tar.gz', environment: {} };
    const role = await assumeForSageMaker(fakes.cloud, ROLE, 'arn:aws:sagemaker:eu-west-1:000000000000:endpoint/e');
    const server = await ModelServer.start(platform, container, role, join(fakes.stateDir, 'served'), () => {});
    const ask = (body: string) =>
      server.invoke({
        body: Buffer.from(body),
        contentType: 'text/csv',
        accept: undefined,
        customAttributes: undefined,
        timeoutMs: 300,
      });
    await expect(ask('hang')).rejects.toMatchObject({ timedOut: true });
    expect((await ask('a')).status).toBe(200);
    await server.stop();
  });

  it('answers while SageMaker itself updates it, and is left alone until then', async () => {
    await createEndpoint(fakes);
    expect(await systemUpdate({ endpoint: 'flights', seconds: 600 })).toBe(202);
    await expect(update('v1')).rejects.toMatchObject({ message: expect.stringContaining('in-progress') });
    await expect(fakes.call('DeleteEndpoint', { EndpointName: 'flights' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    expect(await invoke(fakes, 'a')).toBe('v1:a');
    await fakes.restart();
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('SystemUpdating');
    await fakes.cloud.clock.advance(600_000);
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('InService');
    const told = fakes.events.map((event) => event.detail.EndpointStatus);
    expect(told).toEqual(['CREATING', 'IN_SERVICE', 'SYSTEM_UPDATING', 'IN_SERVICE']);
  });

  it('is asked for a system update by programs only, and properly', async () => {
    expect(await systemUpdate({ endpoint: 'flights', seconds: 600 })).toBe(409);
    expect(await systemUpdate({ endpoint: 'flights' })).toBe(400);
    expect(await systemUpdate(null)).toBe(400);
    expect(await systemUpdate({ endpoint: 'flights', seconds: 600 }, 'GET')).toBe(405);
    expect(await systemUpdate({ endpoint: 'flights', seconds: 600 }, 'POST', 'text/plain')).toBe(405);
  });

  it('is UpdateRollbackFailed where neither the new fleet comes up nor the old one answers', async () => {
    await createEndpoint(fakes);
    await createConfig(fakes, 'v2', {}, 'broken');
    await fakes.restart();
    // The old fleet starts with its next request, from an archive that is gone.
    fakes.objects.delete('artifacts/v1/model.tar.gz');
    await update('v2');
    await fakes.idle();
    const endpoint = await describeEndpoint(fakes);
    expect(endpoint).toMatchObject({ EndpointStatus: 'UpdateRollbackFailed', EndpointConfigName: 'v1' });
    expect(endpoint.FailureReason).toContain('The old fleet does not answer');
  });
});
