import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CloudWithFakes } from './cloud-with-fakes.ts';
import { createConfig, createEndpoint, describeEndpoint, invoke } from './served-models.ts';

const SECOND = 1_000;
const canary = (percent: number, wait = 300, bake = 600) => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: 'CANARY',
      CanarySize: { Type: 'CAPACITY_PERCENT', Value: percent },
      WaitIntervalInSeconds: wait,
    },
    TerminationWaitInSeconds: bake,
  },
});
const ALARMS = { AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] } };

describe('a blue/green deployment', () => {
  let fakes: CloudWithFakes;
  beforeEach(async () => {
    fakes = new CloudWithFakes();
    await createEndpoint(fakes);
    await createConfig(fakes, 'v2');
  });
  afterEach(() => fakes.close());

  const update = async (DeploymentConfig: object) => {
    await fakes.call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v2', DeploymentConfig });
    await fakes.idle();
  };
  const advance = (seconds: number) => fakes.cloud.clock.advance(seconds * SECOND);
  /** How many of a hundred requests the new version answers. */
  const shareOfNew = async () => {
    let count = 0;
    for (let i = 0; i < 100; i++) if ((await invoke(fakes, 'x')) === 'v2:x') count++;
    return count;
  };
  /** By chance, but the same in every run. */
  const expectShare = async (percent: number) => {
    const share = await shareOfNew();
    expect(share).toBeGreaterThanOrEqual(percent - 10);
    expect(share).toBeLessThanOrEqual(percent + 10);
  };

  it('gives a canary its share, then all traffic, then bakes', async () => {
    await update(canary(20));
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'Updating',
      EndpointConfigName: 'v1',
      PendingDeploymentSummary: { EndpointConfigName: 'v2' },
    });
    await expectShare(20);
    await advance(301);
    expect(await shareOfNew()).toBe(100);
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('Updating');
    await advance(600);
    expect(await describeEndpoint(fakes)).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'v2' });
  });

  it('goes in linear steps', async () => {
    await update({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: 'LINEAR',
          LinearStepSize: { Type: 'INSTANCE_COUNT', Value: 1 },
          WaitIntervalInSeconds: 60,
        },
      },
    });
    await expectShare(50);
    await advance(61);
    expect((await describeEndpoint(fakes)).EndpointConfigName).toBe('v2');
  });

  it('rolls back to the old configuration when an alarm goes off, and says why', async () => {
    fakes.alarms.set('errors', 'OK');
    await update({ ...canary(50), ...ALARMS });
    fakes.alarms.set('errors', 'ALARM');
    await advance(16);
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'v1',
      FailureReason: 'One or more alarms in AutoRollbackConfiguration are in ALARM state: errors',
    });
    expect(await shareOfNew()).toBe(0);
    const statuses = fakes.events
      .filter((event) => event['detail-type'].includes('Endpoint'))
      .map((event) => event.detail.EndpointStatus);
    expect(statuses).toEqual(['CREATING', 'IN_SERVICE', 'UPDATING', 'ROLLING_BACK', 'IN_SERVICE']);
  });

  it('rolls back while it bakes, too', async () => {
    fakes.alarms.set('errors', 'OK');
    await update({ ...canary(50), ...ALARMS });
    await advance(400);
    fakes.alarms.set('errors', 'ALARM');
    await advance(16);
    expect((await describeEndpoint(fakes)).EndpointConfigName).toBe('v1');
  });

  it('refuses alarms that do not exist', async () => {
    await expect(update({ ...canary(50), ...ALARMS })).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Could not find alarms in AutoRollbackConfiguration: errors',
    });
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('InService');
  });

  it('refuses steps, waits and numbers of alarms that AWS does not take', async () => {
    const routed = (routing: object, policy: object = {}) => ({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { WaitIntervalInSeconds: 60, ...routing },
        ...policy,
      },
    });
    const canaryOf = (Type: string, Value: number) => routed({ Type: 'CANARY', CanarySize: { Type, Value } });
    for (const wrong of [
      canaryOf('CAPACITY_PERCENT', 51),
      canaryOf('INSTANCE_COUNT', 2),
      canaryOf('SHARE', 10),
      canaryOf('CAPACITY_PERCENT', 0),
      routed({ Type: 'CANARY' }),
      routed({ Type: 'LINEAR', LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 9 } }),
      routed({ Type: 'SOMEHOW' }),
      routed({ Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 3601 }),
      routed({ Type: 'ALL_AT_ONCE' }, { TerminationWaitInSeconds: 3601 }),
      routed({ Type: 'ALL_AT_ONCE' }, { MaximumExecutionTimeoutInSeconds: 599 }),
      { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE' } } },
      { BlueGreenUpdatePolicy: {} },
      { AutoRollbackConfiguration: { Alarms: [] } },
    ]) {
      await expect(update(wrong)).rejects.toMatchObject({ code: 'ValidationException' });
      await advance(1);
    }
    const RollingUpdatePolicy = { MaximumBatchSize: { Type: 'INSTANCE_COUNT', Value: 1 }, WaitIntervalInSeconds: 60 };
    await expect(update({ RollingUpdatePolicy })).rejects.toMatchObject({ code: 'NotImplemented' });
    expect((await describeEndpoint(fakes)).EndpointStatus).toBe('InService');
  });

  it('gives up what takes longer than it may', async () => {
    await update({
      BlueGreenUpdatePolicy: {
        ...canary(50, 3600, 0).BlueGreenUpdatePolicy,
        MaximumExecutionTimeoutInSeconds: 600,
      },
    });
    await advance(700);
    expect(await describeEndpoint(fakes)).toMatchObject({
      EndpointStatus: 'InService',
      EndpointConfigName: 'v1',
      FailureReason: 'The deployment did not finish within MaximumExecutionTimeoutInSeconds (600)',
    });
  });

  it('refuses another change while it is under way', async () => {
    await update(canary(50));
    const again = fakes.call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v1' });
    await expect(again).rejects.toMatchObject({
      message: expect.stringContaining('Cannot update in-progress endpoint'),
    });
    await expect(fakes.call('DeleteEndpoint', { EndpointName: 'flights' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('goes on where it was after a restart', async () => {
    await update(canary(20));
    await advance(200);
    await fakes.restart();
    await expectShare(20);
    await advance(101);
    expect(await shareOfNew()).toBe(100);
    await advance(600);
    expect(await describeEndpoint(fakes)).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'v2' });
  });
});
