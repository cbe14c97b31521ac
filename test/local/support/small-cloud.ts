import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalCloud } from '../../../local/cloud.ts';
import { type Gateway, startGateway } from '../../../local/gateway/gateway.ts';
import type { Principal, ProvisionedResource } from '../../../local/service.ts';
import { createServices } from '../../../local/services/index.ts';

const PERSON: Principal = { kind: 'user', arn: 'arn:aws:iam::000000000000:user/someone' };

/** Credentials of a person, for a real SDK client. */
const CREDENTIALS = { accessKeyId: 'someone', secretAccessKey: 'secret' };

/** A local cloud of all services in a temporary folder, with what a test says about it in few words. */
export class SmallCloud {
  cloud: LocalCloud;
  readonly reports: string[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'launchway-cloud-'));
  #gateway: Gateway | undefined;

  private constructor() {
    this.cloud = this.#open();
  }

  static async start(): Promise<SmallCloud> {
    const small = new SmallCloud();
    await small.#listen();
    return small;
  }

  /** Forgets everything in memory and comes back from what is stored. */
  async restart(): Promise<void> {
    await this.#gateway?.close();
    await this.cloud.stop();
    this.cloud = this.#open();
    await this.#listen();
    await this.cloud.resume();
  }

  async stop(): Promise<void> {
    await this.#gateway?.close();
    await this.cloud.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Settings of a real SDK client. */
  get client() {
    return { endpoint: this.cloud.url, region: 'eu-west-1', credentials: CREDENTIALS, maxAttempts: 1 };
  }

  call(service: string, operation: string, input: object, principal: Principal = PERSON): Promise<any> {
    return this.cloud.call({ service, operation, principal, input });
  }

  /** Creates one CloudFormation resource. */
  async create(type: string, properties: object, logicalId = 'Thing'): Promise<ProvisionedResource> {
    const handler = this.cloud.services.map((service) => service.resources?.[type]).find(Boolean);
    if (!handler) throw new Error(`expected a service with ${type}`);
    const unknown = Object.keys(properties).find((property) => !handler.properties.includes(property));
    if (unknown) throw new Error(`expected ${type} to implement ${unknown}`);
    return handler.create({ logicalId, stackName: 'Test', type, properties });
  }

  /** A role that `service` may assume, with one statement per `[actions, resource]`. */
  async role(name: string, service: string, allow: readonly (readonly [string | string[], string])[]): Promise<string> {
    const { attributes } = await this.create('AWS::IAM::Role', {
      RoleName: name,
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
      },
      Policies: [
        {
          PolicyName: 'allow',
          PolicyDocument: { Statement: allow.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource })) },
        },
      ],
    });
    return attributes.Arn!;
  }

  /** A function whose code is the text of `index.mjs`; its role may write logs, and what `allow` says. */
  async function(
    name: string,
    code: string,
    options: { properties?: object; allow?: readonly (readonly [string | string[], string])[] } = {},
  ): Promise<ProvisionedResource> {
    const directory = join(this.#directory, 'assets', name);
    await mkdir(join(directory, 'code'), { recursive: true });
    await writeFile(join(directory, 'code/index.mjs'), code);
    this.cloud.store.put('assets', `bucket/${name}`, directory);
    const Role = await this.role(`${name}-role`, 'lambda.amazonaws.com', [
      [['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], '*'],
      ...(options.allow ?? []),
    ]);
    return this.create('AWS::Lambda::Function', {
      FunctionName: name,
      Code: { S3Bucket: 'bucket', S3Key: name },
      Handler: 'code/index.handler',
      Runtime: 'nodejs24.x',
      Role,
      ...options.properties,
    });
  }

  #open(): LocalCloud {
    const cloud = new LocalCloud({
      stateDir: join(this.#directory, 'state'),
      report: (line) => this.reports.push(line),
    });
    cloud.register(...createServices(cloud));
    return cloud;
  }

  async #listen(): Promise<void> {
    this.#gateway = await startGateway(this.cloud, { port: 0 });
  }
}
