import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  AddTagsCommand,
  CreateHyperParameterTuningJobCommand,
  type CreateHyperParameterTuningJobCommandInput,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DescribeEndpointCommand,
  DescribeHyperParameterTuningJobCommand,
  ListTagsCommand,
  ListTrainingJobsForHyperParameterTuningJobCommand,
  ResourceInUse,
  ResourceNotFound,
  SageMakerClient,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, ModelError, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Gateway, startGateway } from '../../../local/gateway/gateway.ts';
import { createMonitoringService } from '../../../local/services/monitoring/index.ts';
import { CloudWithFakes, ROLE } from './cloud-with-fakes.ts';
import { createEndpoint } from './served-models.ts';

describe("SageMaker's own clients", () => {
  let fakes: CloudWithFakes;
  let gateway: Gateway;
  let sagemaker: SageMakerClient;
  let runtime: SageMakerRuntimeClient;
  let cloudwatch: CloudWatchClient;
  beforeAll(async () => {
    fakes = new CloudWithFakes();
    fakes.cloud.register(createMonitoringService(fakes.cloud));
    gateway = await startGateway(fakes.cloud, { port: 0 });
    const credentials = { accessKeyId: 'anna', secretAccessKey: 's' };
    const settings = { endpoint: gateway.url, region: 'eu-west-1', credentials, maxAttempts: 1 };
    sagemaker = new SageMakerClient(settings);
    runtime = new SageMakerRuntimeClient(settings);
    cloudwatch = new CloudWatchClient(settings);
  });
  afterAll(async () => {
    for (const client of [sagemaker, runtime, cloudwatch]) client.destroy();
    await gateway.close();
    await fakes.close();
  });

  it('search hyperparameters, with dates, numbers and typed errors', async () => {
    fakes.image('tuned', { train: '#!/bin/sh\necho "score=$SM_HP_DEPTH"' });
    const request: CreateHyperParameterTuningJobCommandInput = {
      HyperParameterTuningJobName: 'search',
      HyperParameterTuningJobConfig: {
        Strategy: 'Grid',
        HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'score' },
        ResourceLimits: { MaxParallelTrainingJobs: 2 },
        ParameterRanges: { CategoricalParameterRanges: [{ Name: 'depth', Values: ['4', '2'] }] },
      },
      TrainingJobDefinition: {
        AlgorithmSpecification: {
          TrainingImage: 'tuned:1',
          TrainingInputMode: 'File',
          MetricDefinitions: [{ Name: 'score', Regex: 'score=([0-9]+)' }],
        },
        RoleArn: ROLE,
        OutputDataConfig: { S3OutputPath: 's3://artifacts/out' },
        ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
        StoppingCondition: { MaxRuntimeInSeconds: 600 },
      },
      Tags: [{ Key: 'team', Value: 'flights' }],
    };
    await sagemaker.send(new CreateHyperParameterTuningJobCommand(request));
    await fakes.idle();
    const name = { HyperParameterTuningJobName: 'search' };
    const job = await sagemaker.send(new DescribeHyperParameterTuningJobCommand(name));
    expect(job.HyperParameterTuningJobStatus).toBe('Completed');
    expect(job.CreationTime).toBeInstanceOf(Date);
    expect(job.BestTrainingJob?.FinalHyperParameterTuningJobObjectiveMetric?.Value).toBe(2);
    const { TrainingJobSummaries = [] } = await sagemaker.send(
      new ListTrainingJobsForHyperParameterTuningJobCommand(name),
    );
    expect(TrainingJobSummaries.map((trial) => trial.TunedHyperParameters)).toEqual([{ depth: '4' }, { depth: '2' }]);
    const { Tags } = await sagemaker.send(
      new ListTagsCommand({ ResourceArn: TrainingJobSummaries[0]!.TrainingJobArn }),
    );
    expect(Tags).toEqual([{ Key: 'team', Value: 'flights' }]);
    await expect(sagemaker.send(new CreateHyperParameterTuningJobCommand(request))).rejects.toBeInstanceOf(
      ResourceInUse,
    );
    const none = new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: 'none' });
    await expect(sagemaker.send(none)).rejects.toBeInstanceOf(ResourceNotFound);
  });

  it("read a model's errors and the metrics that were counted", async () => {
    await createEndpoint(fakes);
    const began = fakes.cloud.clock.now();
    const invoke = (body: string) =>
      runtime.send(new InvokeEndpointCommand({ EndpointName: 'flights', Body: body, ContentType: 'text/csv' }));
    for (const body of ['a', 'b', 'c']) {
      const answer = await invoke(body);
      expect(Buffer.from(answer.Body).toString()).toBe(`v1:${body}`);
      expect(answer.InvokedProductionVariant).toBe('live');
    }
    const failed = await invoke('fail').catch((error) => error);
    expect(failed).toBeInstanceOf(ModelError);
    expect(failed).toMatchObject({
      OriginalStatusCode: 400,
      LogStreamArn: expect.stringContaining('Endpoints/flights'),
    });
    await expect(invoke('die')).rejects.toMatchObject({ OriginalStatusCode: 500 });

    await fakes.cloud.clock.advance(120_000);
    const Dimensions = [
      { Name: 'EndpointName', Value: 'flights' },
      { Name: 'VariantName', Value: 'live' },
    ];
    const query = (MetricName: string, Stat: string) => ({
      Id: `${MetricName.toLowerCase()}_${Stat.toLowerCase()}`,
      MetricStat: { Metric: { Namespace: 'AWS/SageMaker', MetricName, Dimensions }, Period: 60, Stat },
    });
    const { MetricDataResults = [] } = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(began - 60_000),
        EndTime: fakes.cloud.clock.date(),
        MetricDataQueries: [
          ...['Invocations', 'Invocation4XXErrors', 'Invocation5XXErrors'].map((name) => query(name, 'Sum')),
          query('InvocationsPerInstance', 'Sum'),
          query('ModelLatency', 'SampleCount'),
          query('ModelLatency', 'Minimum'),
          query('OverheadLatency', 'SampleCount'),
        ],
      }),
    );
    const total = (id: string) =>
      MetricDataResults.find(({ Id }) => Id === id)!.Values!.reduce((sum, value) => sum + value, 0);
    expect(total('invocations_sum')).toBe(5);
    expect(total('invocation4xxerrors_sum')).toBe(1);
    expect(total('invocation5xxerrors_sum')).toBe(1);
    expect(total('invocationsperinstance_sum')).toBeCloseTo(2.5);
    expect(total('modellatency_samplecount')).toBe(5);
    expect(total('modellatency_minimum')).toBeGreaterThan(0);
    expect(total('overheadlatency_samplecount')).toBe(5);
  });

  it('tag endpoints, and hear of it when a model package is approved', async () => {
    const { EndpointArn } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'flights' }));
    await sagemaker.send(new AddTagsCommand({ ResourceArn: EndpointArn, Tags: [{ Key: 'run', Value: 'r1' }] }));
    const { Tags } = await sagemaker.send(new ListTagsCommand({ ResourceArn: EndpointArn }));
    expect(Tags).toEqual([{ Key: 'run', Value: 'r1' }]);

    await sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: 'flights' }));
    const { ModelPackageArn } = await sagemaker.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: 'flights',
        InferenceSpecification: {
          Containers: [{ Image: 'served:1' }],
          SupportedContentTypes: ['text/csv'],
          SupportedResponseMIMETypes: ['text/csv'],
        },
      }),
    );
    await sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Approved' }));
    const told = fakes.events.filter((event) => event['detail-type'] === 'SageMaker Model Package State Change');
    expect(told.map(({ detail }) => detail.ModelApprovalStatus)).toEqual(['PendingManualApproval', 'Approved']);
    expect(told[1]).toMatchObject({
      resources: [ModelPackageArn],
      detail: { ModelPackageGroupName: 'flights', ModelPackageVersion: 1, ModelPackageStatus: 'Completed' },
    });
  });
});
