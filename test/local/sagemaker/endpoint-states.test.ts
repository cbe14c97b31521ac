import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CAPACITY_SPACE } from '../../../local/services/sagemaker/limits.ts';
import { CloudWithFakes } from './cloud-with-fakes.ts';
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
