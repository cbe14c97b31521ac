import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { LocalCloud } from '../../../local/cloud.ts';
import type { Role } from '../../../local/iam/roles.ts';
import { type CloudEvent, type Operation, type Principal, type Service, ServiceError } from '../../../local/service.ts';
import { createSageMakerService } from '../../../local/services/sagemaker/index.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/train';
const USER: Principal = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/anna' };

/** Trusts SageMaker and may do everything. */
export const trainRole: Role = {
  name: 'train',
  arn: ROLE,
  id: 'AROATRAIN',
  trust: {
    Statement: { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
  },
  inline: { all: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } },
  managed: [],
  maxSessionDuration: 3600,
  tags: {},
  createdAt: '2026-01-01T00:00:00Z',
};

/** SageMaker on a local cloud with the smallest S3, logs and monitoring that it can work with. */
export class CloudWithFakes {
  readonly stateDir: string;
  readonly images: string;
  readonly objects = new Map<string, Buffer>();
  readonly puts: { key: string; principal: string }[] = [];
  readonly logs = new Map<string, string[]>();
  readonly metrics: any[] = [];
  readonly alarms = new Map<string, string>();
  readonly events: CloudEvent[] = [];
  readonly reports: string[] = [];
  cloud: LocalCloud;

  /** @param directory continues what another process left there; a new one if absent */
  constructor(directory = mkdtempSync(join(tmpdir(), 'launchway-sagemaker-'))) {
    this.stateDir = join(directory, 'state');
    this.images = join(directory, 'images');
    this.cloud = this.#start();
  }

  #start(): LocalCloud {
    const cloud = new LocalCloud({ stateDir: this.stateDir, report: (line) => this.reports.push(line) });
    const sagemaker = createSageMakerService(cloud, async (_cloud, uri) => ({
      directory: join(this.images, uri.split(':')[0]!),
      digest: `sha256:${uri.split(':')[0]}`,
    }));
    cloud.register(sagemaker, this.#s3(), this.#logs(), this.#monitoring());
    cloud.onEvent((event) => this.events.push(event));
    cloud.iam.roles.put(trainRole);
    return cloud;
  }

  /** A new cloud over the same state, as after a restart. */
  async restart(): Promise<void> {
    await this.cloud.stop();
    this.cloud = this.#start();
    await this.cloud.resume();
  }

  async close(): Promise<void> {
    await this.cloud.stop();
    rmSync(dirname(this.stateDir), { recursive: true, force: true });
  }

  /** Makes an image of shell or Node programs; each starts with its `#!` line. */
  image(name: string, programs: Record<string, string>): string {
    mkdirSync(join(this.images, name), { recursive: true });
    for (const [program, text] of Object.entries(programs)) {
      const file = join(this.images, name, program);
      writeFileSync(file, text);
      chmodSync(file, 0o755);
    }
    return `${name}:1`;
  }

  put(key: string, body: string | Buffer): void {
    this.objects.set(key, Buffer.from(body));
  }

  text(key: string): string {
    const body = this.objects.get(key);
    if (!body) throw new Error(`expected an object ${key}, got ${[...this.objects.keys()].join(', ')}`);
    return body.toString();
  }

  call(operation: string, input: object, service = 'sagemaker'): Promise<any> {
    return this.cloud.call({ service, operation, principal: USER, input });
  }

  /** Resolves when a training job enters a secondary status. */
  reached(secondary: string): Promise<void> {
    return new Promise((resolve) => {
      this.cloud.onEvent(({ detail }) => {
        if (detail.SecondaryStatus === secondary) setTimeout(resolve);
      });
    });
  }

  idle(): Promise<void> {
    return this.cloud.idle();
  }

  #s3(): Service {
    return {
      name: 's3',
      operations: {
        ListObjectsV2: op(async ({ input }) => ({
          Contents: [...this.objects.keys()]
            .filter((key) => key.startsWith(`${input.Bucket}/${input.Prefix}`))
            .sort()
            .map((key) => ({ Key: key.slice(input.Bucket.length + 1) })),
        })),
        GetObject: op(async ({ input }) => {
          const body = this.objects.get(`${input.Bucket}/${input.Key}`);
          if (!body) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
          return { Body: Readable.from([body]) };
        }),
        PutObject: op(async ({ input, principal }) => {
          const key = `${input.Bucket}/${input.Key}`;
          this.objects.set(key, input.Body instanceof Readable ? await buffer(input.Body) : Buffer.from(input.Body));
          this.puts.push({ key, principal: principal.arn });
          return {};
        }),
      },
    };
  }

  #logs(): Service {
    return {
      name: 'logs',
      operations: {
        CreateLogGroup: op(async () => ({})),
        CreateLogStream: op(async () => ({})),
        PutLogEvents: op(async ({ input }) => {
          const stream = `${input.logGroupName}/${input.logStreamName}`;
          const lines = this.logs.get(stream) ?? [];
          lines.push(...input.logEvents.map((event: { message: string }) => event.message));
          this.logs.set(stream, lines);
          return {};
        }),
      },
    };
  }

  #monitoring(): Service {
    return {
      name: 'monitoring',
      operations: {
        PutMetricData: op(async ({ input }) => {
          this.metrics.push(...input.MetricData);
          return {};
        }),
        DescribeAlarms: op(async ({ input }) => ({
          MetricAlarms: (input.AlarmNames as string[])
            .filter((name) => this.alarms.has(name))
            .map((name) => ({ AlarmName: name, StateValue: this.alarms.get(name) })),
        })),
      },
    };
  }
}

const MEMBERS = [
  ...['Bucket', 'Key', 'Prefix', 'ContinuationToken', 'Body', 'ServerSideEncryption', 'SSEKMSKeyId', 'ContentType'],
  ...[
    'logGroupName',
    'logStreamName',
    'logEvents',
    'Namespace',
    'MetricData',
    'AlarmNames',
    'MaxRecords',
    'AlarmTypes',
  ],
];
const op = (run: Operation['run']): Operation => ({ members: MEMBERS, needs: () => [], run });

/** The smallest training request; `over` replaces members. */
export const trainingRequest = (name: string, image: string, over: object = {}): object => ({
  TrainingJobName: name,
  AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File' },
  RoleArn: ROLE,
  InputDataConfig: [
    { ChannelName: 'train', DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/train/' } } },
  ],
  OutputDataConfig: { S3OutputPath: 's3://artifacts/out' },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
  StoppingCondition: { MaxRuntimeInSeconds: 600 },
  EnableNetworkIsolation: true,
  ...over,
});
