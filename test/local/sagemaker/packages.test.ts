import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CloudWithFakes, ROLE } from './cloud-with-fakes.ts';

describe('model packages', () => {
  let fakes: CloudWithFakes;
  beforeEach(async () => {
    fakes = new CloudWithFakes();
    await fakes.call('CreateModelPackageGroup', {
      ModelPackageGroupName: 'flights',
      Tags: [{ Key: 'team', Value: 'ops' }],
    });
  });
  afterEach(() => fakes.close());

  const create = (over: object = {}) =>
    fakes.call('CreateModelPackage', {
      ModelPackageGroupName: 'flights',
      InferenceSpecification: {
        Containers: [{ Image: 'served:1', ModelDataUrl: 's3://artifacts/model.tar.gz' }],
        SupportedContentTypes: ['text/csv'],
        SupportedResponseMIMETypes: ['text/csv'],
      },
      ...over,
    });
  const arn = (version: number) => `arn:aws:sagemaker:eu-west-1:000000000000:model-package/flights/${version}`;

  it('count versions in their group and never use one twice', async () => {
    expect(await create()).toEqual({ ModelPackageArn: arn(1) });
    expect(await create()).toEqual({ ModelPackageArn: arn(2) });
    await fakes.call('DeleteModelPackage', { ModelPackageName: arn(2) });
    expect(await create()).toEqual({ ModelPackageArn: arn(3) });
    const { ModelPackageSummaryList } = await fakes.call('ListModelPackages', { ModelPackageGroupName: 'flights' });
    expect(ModelPackageSummaryList.map((model: any) => model.ModelPackageVersion).sort()).toEqual([1, 3]);
  });

  it('can be deployed by name only once they are approved', async () => {
    await create();
    const model = { ModelName: 'v1', ExecutionRoleArn: ROLE, PrimaryContainer: { ModelPackageName: arn(1) } };
    await expect(fakes.call('CreateModel', model)).rejects.toMatchObject({ code: 'ValidationException' });
    await fakes.call('UpdateModelPackage', {
      ModelPackageArn: arn(1),
      ModelApprovalStatus: 'Approved',
      CustomerMetadataProperties: { release: 'r1' },
    });
    await fakes.call('CreateModel', model);
    expect(await fakes.call('DescribeModelPackage', { ModelPackageName: arn(1) })).toMatchObject({
      ModelApprovalStatus: 'Approved',
      ModelPackageStatus: 'Completed',
      CustomerMetadataProperties: { release: 'r1' },
    });
  });

  it('carry no tags; their group does', async () => {
    await expect(create({ Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toMatchObject({ code: 'ValidationException' });
    const group = 'arn:aws:sagemaker:eu-west-1:000000000000:model-package-group/flights';
    await fakes.call('AddTags', { ResourceArn: group, Tags: [{ Key: 'run', Value: '1' }] });
    expect((await fakes.call('ListTags', { ResourceArn: group })).Tags).toEqual([
      { Key: 'team', Value: 'ops' },
      { Key: 'run', Value: '1' },
    ]);
  });

  it('keep their group from being deleted or made twice', async () => {
    await create();
    await expect(fakes.call('DeleteModelPackageGroup', { ModelPackageGroupName: 'flights' })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await expect(fakes.call('CreateModelPackageGroup', { ModelPackageGroupName: 'flights' })).rejects.toMatchObject({
      message: expect.stringContaining('already exists'),
    });
  });
});
