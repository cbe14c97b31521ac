import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCloud } from '../../../local/cloud.ts';
import { createIamService } from '../../../local/iam/service.ts';
import { type Operation, type Principal, type Service, ServiceError } from '../../../local/service.ts';
import { createS3Service } from '../../../local/services/s3/index.ts';
import { createStatesService } from '../../../local/services/states/index.ts';

const USER: Principal = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/tester' };
const ROLE_ARN = 'arn:aws:iam::000000000000:role/machine';

type Functions = Readonly<Record<string, (event: any) => unknown>>;

/** A cloud with Step Functions, IAM, functions that are plain callbacks and SageMaker training jobs without any training. */
export class StatesCloud {
  cloud!: LocalCloud;
  readonly stateDir = mkdtempSync(join(tmpdir(), 'states-'));
  readonly reported: string[] = [];
  readonly functions: Map<string, (event: any) => unknown>;
  /** Names of the functions invoked, in order. */
  readonly invoked: string[] = [];
  readonly #actions: readonly string[];

  private constructor(functions: Functions, actions: readonly string[]) {
    this.functions = new Map(Object.entries(functions));
    this.#actions = actions;
  }

  /** @param actions what the machines' role may do, on any resource */
  static async start(functions: Functions = {}, actions: readonly string[] = ['*']): Promise<StatesCloud> {
    const started = new StatesCloud(functions, actions);
    await started.#open();
    await started.cloud.services[0]!.resources!['AWS::IAM::Role']!.create({
      logicalId: 'Role',
      stackName: 'test',
      type: 'AWS::IAM::Role',
      properties: {
        RoleName: 'machine',
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } }],
        },
        Policies: [
          {
            PolicyName: 'p',
            PolicyDocument: { Statement: [{ Effect: 'Allow', Action: started.#actions, Resource: '*' }] },
          },
        ],
      },
    });
    return started;
  }

  async #open(): Promise<void> {
    this.cloud = new LocalCloud({ stateDir: this.stateDir, report: (line) => this.reported.push(line) });
    this.cloud.register(
      createIamService(this.cloud),
      createStatesService(this.cloud),
      createS3Service(this.cloud),
      this.#lambda(),
      trainingJobs(this.cloud),
    );
    await this.cloud.resume();
  }

  /** As after `kill -9`: a new process over the same files; what the old one still does reaches nobody. */
  async restart(): Promise<void> {
    await this.cloud.stop();
    await this.#open();
  }

  async stop(): Promise<void> {
    await this.cloud.stop();
    rmSync(this.stateDir, { recursive: true });
  }

  call(operation: string, input: object, service = 'states', principal = USER): Promise<any> {
    return this.cloud.call({ service, operation, principal, input });
  }

  /** Creates a JSONata machine; returns its ARN. */
  async machine(name: string, definition: object): Promise<string> {
    const text = JSON.stringify({ QueryLanguage: 'JSONata', ...definition });
    const created = await this.call('CreateStateMachine', { name, definition: text, roleArn: ROLE_ARN });
    return created.stateMachineArn;
  }

  async startExecution(stateMachineArn: string, input: unknown = {}, name?: string): Promise<string> {
    const started = await this.call('StartExecution', { stateMachineArn, name, input: JSON.stringify(input) });
    return started.executionArn;
  }

  /** Runs a machine of its own name until nothing more happens by itself. */
  async run(definition: object, input: unknown = {}, name = 'm'): Promise<any> {
    const executionArn = await this.startExecution(await this.machine(name, definition), input);
    await this.settle(executionArn);
    return this.describe(executionArn);
  }

  /** Moves the clock from timer to timer until the execution has ended or waits for somebody. */
  async settle(executionArn: string): Promise<void> {
    for (;;) {
      await this.cloud.clock.advance(0);
      const { status } = await this.describe(executionArn);
      const { nextDue } = this.cloud.clock;
      if (status !== 'RUNNING' || nextDue === undefined) return;
      await this.cloud.clock.advance(Math.max(0, nextDue - this.cloud.clock.now()));
    }
  }

  describe(executionArn: string): Promise<any> {
    return this.call('DescribeExecution', { executionArn });
  }

  async history(executionArn: string): Promise<any[]> {
    return (await this.call('GetExecutionHistory', { executionArn, maxResults: 1000 })).events;
  }

  async types(executionArn: string): Promise<string[]> {
    return (await this.history(executionArn)).map(({ type }) => type);
  }

  #lambda(): Service {
    const Invoke: Operation = {
      members: ['FunctionName', 'Payload', 'InvocationType'],
      needs: ({ input }) => [{ action: 'lambda:InvokeFunction', resource: functionArn(input.FunctionName) }],
      run: async ({ input }) => {
        const name = String(input.FunctionName).split(':').at(-1)!;
        const handler = this.functions.get(name);
        if (!handler) throw new ServiceError('ResourceNotFoundException', `Function not found: ${name}`, 404);
        this.invoked.push(name);
        try {
          const result = await handler(JSON.parse(Buffer.from(input.Payload ?? '{}').toString()));
          return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: Buffer.from(JSON.stringify(result ?? null)) };
        } catch (error) {
          const { name: errorType, message: errorMessage } = error as Error;
          const Payload = Buffer.from(JSON.stringify({ errorType, errorMessage }));
          return { StatusCode: 200, ExecutedVersion: '$LATEST', FunctionError: 'Unhandled', Payload };
        }
      },
    };
    return { name: 'lambda', operations: { Invoke } };
  }
}

const functionArn = (name: string): string =>
  `arn:aws:lambda:eu-west-1:000000000000:function:${name.split(':').at(-1)}`;

/** Training jobs that wait until a test ends them with `EndJob`. */
function trainingJobs(cloud: LocalCloud): Service {
  const space = 'test.jobs';
  const operation = (action: string, run: (input: any) => unknown): Operation => ({
    members: ['TrainingJobName', 'Status', 'FailureReason', 'HyperParameters'],
    needs: () => [{ action: `sagemaker:${action}`, resource: '*' }],
    run: async ({ input }) => run(input),
  });
  const end = (name: string, TrainingJobStatus: string, FailureReason?: string) => {
    const job = { ...cloud.store.get<object>(space, name), TrainingJobStatus, ...(FailureReason && { FailureReason }) };
    cloud.store.put(space, name, job);
    cloud.publish({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker Training Job State Change',
      resources: [],
      detail: job,
    });
    return {};
  };
  return {
    name: 'sagemaker',
    operations: {
      CreateTrainingJob: operation('CreateTrainingJob', ({ TrainingJobName }) => {
        if (cloud.store.get(space, TrainingJobName)) throw new ServiceError('ResourceInUse', 'the job exists');
        if (TrainingJobName === 'no-quota') throw new ServiceError('ResourceLimitExceeded', 'no instance left');
        cloud.store.put(space, TrainingJobName, { TrainingJobName, TrainingJobStatus: 'InProgress' });
        return { TrainingJobArn: `arn:aws:sagemaker:eu-west-1:000000000000:training-job/${TrainingJobName}` };
      }),
      DescribeTrainingJob: operation('DescribeTrainingJob', ({ TrainingJobName }) => {
        const job = cloud.store.get<object>(space, TrainingJobName);
        if (!job) throw new ServiceError('ValidationException', 'Requested resource not found.');
        return { ...job, CreationTime: new Date(1_900_000_000_000) };
      }),
      StopTrainingJob: operation('StopTrainingJob', ({ TrainingJobName }) => end(TrainingJobName, 'Stopped')),
      EndJob: operation('EndJob', ({ TrainingJobName, Status, FailureReason }) =>
        end(TrainingJobName, Status, FailureReason),
      ),
    },
  };
}
