import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  CreateTransformJobCommand,
  DescribeEndpointCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FEATURES, flightsOf, quietFlights, toRequest } from '../../../examples/flight-delays/flights.ts';
import { LocalCloud } from '../../../local/cloud.ts';
import { type Gateway, startGateway } from '../../../local/gateway/gateway.ts';
import { registerImage } from '../../../local/services/ecr/index.ts';
import { createServices } from '../../../local/services/index.ts';
import { trainingRequest, trainRole } from './cloud-with-fakes.ts';

const IMAGE = 'launchway/flight-delays:1';
const ROLE = trainRole.arn;
/** What a role needs, and no more. */
const POLICY = {
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:ListBucket', 's3:PutObject'],
      Resource: ['arn:aws:s3:::flights', 'arn:aws:s3:::flights/*'],
    },
    { Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: [
        'ecr:GetAuthorizationToken',
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:GetDownloadUrlForLayer',
      ],
      Resource: '*',
    },
  ],
};

describe('the flights on the whole local cloud, through the SDK', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'launchway-flights-cloud-'));
  const reports: string[] = [];
  const cloud = new LocalCloud({ stateDir, report: (line) => reports.push(line) });
  let gateway: Gateway;
  let s3: S3Client;
  let sagemaker: SageMakerClient;
  let runtime: SageMakerRuntimeClient;
  const rows = quietFlights(30).map(toRequest);
  const client = () => ({
    endpoint: gateway.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'anna', secretAccessKey: 'secret' },
  });
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: 'flights', Key, Body }));
  const text = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'flights', Key }));
    return Body!.transformToString();
  };
  const ask = async (body: string) => {
    const { Body } = await runtime.send(
      new InvokeEndpointCommand({
        EndpointName: 'flights',
        ContentType: 'text/csv',
        Accept: 'text/csv',
        Body: body,
        InferenceId: 'f-1',
      }),
    );
    return Buffer.from(Body!).toString();
  };

  beforeAll(async () => {
    cloud.register(...createServices(cloud));
    gateway = await startGateway(cloud, { port: 0 });
    s3 = new S3Client({ ...client(), forcePathStyle: true });
    sagemaker = new SageMakerClient(client());
    runtime = new SageMakerRuntimeClient(client());
    cloud.iam.roles.put({ ...trainRole, inline: { needed: POLICY } });
    registerImage(cloud, IMAGE, resolve('examples/flight-delays/image'));
    await s3.send(new CreateBucketCommand({ Bucket: 'flights' }));
  });
  afterAll(async () => {
    for (const open of [s3, sagemaker, runtime]) open.destroy();
    await gateway.close();
    await cloud.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('trains', async () => {
    const lines = flightsOf('2001-01')
      .slice(0, 800)
      .map((flight) => `${toRequest(flight)},${flight.delayed}`);
    await put('train/train.csv', [[...FEATURES, 'delayed'].join(), ...lines].join('\n'));
    const features = FEATURES.map((name) => ({
      name,
      type: ['hour', 'distance'].includes(name) ? 'numeric' : 'categorical',
    }));
    await put(
      'schema/schema.json',
      JSON.stringify({ features, target: 'delayed', positiveClass: '1', problem: 'binary-classification' }),
    );
    const channel = (ChannelName: string) => ({
      ChannelName,
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://flights/${ChannelName}/` } },
    });
    const over = {
      InputDataConfig: [channel('train'), channel('schema')],
      HyperParameters: { steps: '20', seed: '7' },
      OutputDataConfig: { S3OutputPath: 's3://flights/models' },
    };
    await sagemaker.send(new CreateTrainingJobCommand(trainingRequest('job-1', IMAGE, over) as any));
    await cloud.idle();
    const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: 'job-1' }));
    expect(job.FailureReason).toBeUndefined();
    expect(job).toMatchObject({ TrainingJobStatus: 'Completed', CreationTime: expect.any(Date) });
    const logs = new CloudWatchLogsClient(client());
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: '/aws/sagemaker/TrainingJobs', logStreamNamePrefix: 'job-1/' }),
    );
    logs.destroy();
    expect(events!.map((event) => event.message).join('\n')).toContain('train:logloss=');
  });

  it('transforms', async () => {
    await sagemaker.send(
      new CreateModelCommand({
        ModelName: 'v1',
        ExecutionRoleArn: ROLE,
        EnableNetworkIsolation: true,
        PrimaryContainer: { Image: IMAGE, ModelDataUrl: 's3://flights/models/job-1/output/model.tar.gz' },
      }),
    );
    await put('holdout/features.csv', `${rows.join('\n')}\n`);
    await sagemaker.send(
      new CreateTransformJobCommand({
        TransformJobName: 't-1',
        ModelName: 'v1',
        BatchStrategy: 'MultiRecord',
        TransformInput: {
          ContentType: 'text/csv',
          SplitType: 'Line',
          DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://flights/holdout/features.csv' } },
        },
        TransformOutput: { S3OutputPath: 's3://flights/scores', AssembleWith: 'Line', Accept: 'text/csv' },
        TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
      }),
    );
    await cloud.idle();
    const job = await sagemaker.send(new DescribeTransformJobCommand({ TransformJobName: 't-1' }));
    expect(job).toMatchObject({ TransformJobStatus: 'Completed' });
    expect((await text('scores/features.csv.out')).trimEnd().split('\n')).toHaveLength(rows.length);
  });

  it('serves the same scores, captures and counts them', async () => {
    await sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: 'v1',
        ProductionVariants: [
          { VariantName: 'live', ModelName: 'v1', InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
        ],
        DataCaptureConfig: {
          EnableCapture: true,
          InitialSamplingPercentage: 100,
          DestinationS3Uri: 's3://flights/captures/v1',
          CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
          CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'] },
        },
      }),
    );
    await sagemaker.send(new CreateEndpointCommand({ EndpointName: 'flights', EndpointConfigName: 'v1' }));
    await cloud.idle();
    const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'flights' }));
    expect(endpoint).toMatchObject({ EndpointStatus: 'InService' });
    const began = cloud.clock.date();
    const answers: string[] = [];
    for (const row of rows) answers.push(await ask(row));
    expect(`${answers.join('\n')}\n`).toBe(await text('scores/features.csv.out'));
    await expect(ask('1,2')).rejects.toMatchObject({ name: 'ModelError', OriginalStatusCode: 400 });
    await cloud.clock.advance(120_000);
    const { Contents } = await s3.send(
      new ListObjectsV2Command({ Bucket: 'flights', Prefix: 'captures/v1/flights/live/' }),
    );
    const captured = (await Promise.all(Contents!.map(({ Key }) => text(Key!)))).join('');
    expect(captured.trimEnd().split('\n')).toHaveLength(rows.length);
    const monitoring = new CloudWatchClient(client());
    const { Datapoints } = await monitoring.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/SageMaker',
        MetricName: 'Invocations',
        Dimensions: [
          { Name: 'EndpointName', Value: 'flights' },
          { Name: 'VariantName', Value: 'live' },
        ],
        StartTime: new Date(began.getTime() - 60_000),
        EndTime: cloud.clock.date(),
        Period: 3600,
        Statistics: ['Sum'],
      }),
    );
    monitoring.destroy();
    expect(Datapoints!.reduce((sum, point) => sum + point.Sum!, 0)).toBe(rows.length + 1);
    expect(reports).toEqual([]);
  });
});
