import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createApplicationAutoScalingService } from '../../../local/services/application-autoscaling/index.ts';
import { CloudWithFakes } from '../sagemaker/cloud-with-fakes.ts';
import { createEndpoint, describeEndpoint } from '../sagemaker/served-models.ts';

const ID = {
  ServiceNamespace: 'sagemaker',
  ResourceId: 'endpoint/flights/variant/live',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
};
const TRACKING = {
  TargetValue: 70,
  PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
};

describe("an endpoint variant's scaling", () => {
  let fakes: CloudWithFakes;
  beforeAll(async () => {
    fakes = new CloudWithFakes();
    fakes.cloud.register(createApplicationAutoScalingService(fakes.cloud));
    await createEndpoint(fakes);
  });
  afterAll(() => fakes.close());

  const call = (operation: string, input: object) => fakes.call(operation, input, 'application-autoscaling');
  const instances = async () => (await describeEndpoint(fakes)).ProductionVariants[0].CurrentInstanceCount;

  it('is registered, which brings its instances within the range', async () => {
    await expect(call('RegisterScalableTarget', { ...ID, MinCapacity: 1 })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    const { ScalableTargetARN } = await call('RegisterScalableTarget', { ...ID, MinCapacity: 3, MaxCapacity: 8 });
    expect(ScalableTargetARN).toMatch(/^arn:aws:application-autoscaling:eu-west-1:000000000000:scalable-target\//);
    expect(await instances()).toBe(3);
    await call('RegisterScalableTarget', { ...ID, MinCapacity: 1 });
    const { ScalableTargets } = await call('DescribeScalableTargets', { ServiceNamespace: 'sagemaker' });
    expect(ScalableTargets).toMatchObject([{ ...ID, MinCapacity: 1, MaxCapacity: 8, ScalableTargetARN }]);
    expect(await instances()).toBe(3);
  });

  it('has policies by name', async () => {
    const put = (over: object = {}) =>
      call('PutScalingPolicy', {
        ...ID,
        PolicyName: 'load',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: TRACKING,
        ...over,
      });
    const { PolicyARN } = await put();
    expect(await put({ TargetTrackingScalingPolicyConfiguration: { ...TRACKING, TargetValue: 50 } })).toMatchObject({
      PolicyARN,
    });
    const { ScalingPolicies } = await call('DescribeScalingPolicies', { ServiceNamespace: 'sagemaker' });
    expect(ScalingPolicies).toMatchObject([
      { PolicyARN, PolicyName: 'load', TargetTrackingScalingPolicyConfiguration: { TargetValue: 50 } },
    ]);
    await expect(put({ PolicyType: undefined })).rejects.toMatchObject({ code: 'NotImplemented' });
    await expect(put({ ResourceId: 'endpoint/flights/variant/other' })).rejects.toMatchObject({
      code: 'ObjectNotFoundException',
    });
    await expect(put({ TargetTrackingScalingPolicyConfiguration: { TargetValue: 1 } })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await call('DeleteScalingPolicy', { ...ID, PolicyName: 'load' });
    await expect(call('DeleteScalingPolicy', { ...ID, PolicyName: 'load' })).rejects.toMatchObject({
      code: 'ObjectNotFoundException',
    });
  });

  it('is refused for what does not exist, and for other services', async () => {
    const capacity = { MinCapacity: 1, MaxCapacity: 2 };
    for (const ResourceId of ['endpoint/none/variant/live', 'endpoint/flights/variant/none', 'table/x']) {
      await expect(call('RegisterScalableTarget', { ...ID, ...capacity, ResourceId })).rejects.toMatchObject({
        code: 'ValidationException',
      });
    }
    const tables = { ...ID, ...capacity, ServiceNamespace: 'dynamodb' };
    await expect(call('RegisterScalableTarget', tables)).rejects.toMatchObject({ code: 'NotImplemented' });
  });

  it('ends with its policies', async () => {
    await call('PutScalingPolicy', {
      ...ID,
      PolicyName: 'load',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: TRACKING,
    });
    await call('DeregisterScalableTarget', ID);
    expect(await call('DescribeScalingPolicies', { ServiceNamespace: 'sagemaker' })).toEqual({ ScalingPolicies: [] });
    await expect(call('DeregisterScalableTarget', ID)).rejects.toMatchObject({ code: 'ObjectNotFoundException' });
  });
});
