import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { ClientConfiguration } from '../../../cli/connection.ts';
import type { AttackCase, AttackGroup, Outcome } from '../attack-case.ts';
import type { AttackedCloud } from '../attacked-cloud.ts';

type Credentialed = ClientConfiguration & { readonly credentials: object };
type Call = (client: Credentialed, cloud: AttackedCloud) => Promise<unknown>;

/** Every role of the deployment but those whose work it is tries a call, over HTTP, with credentials of its own. */
export const byEveryRoleBut = (name: string, lawful: RegExp, call: Call): AttackCase => ({
  name,
  attack: async (cloud) => {
    const others = cloud.running.cloud.iam.roles.list().filter((role) => !lawful.test(role.name));
    const through: string[] = [];
    for (const role of others) {
      const client = await credentialsOf(cloud, role.arn);
      try {
        await call(client, cloud);
        through.push(role.name);
      } catch (error) {
        if (!/AccessDenied/.test((error as Error).name)) through.push(`${role.name} (${(error as Error).name})`);
      }
    }
    return answerOf(others.length, through);
  },
});

const answerOf = (tried: number, through: readonly string[]): Outcome => ({
  answer: through.length === 0 ? `AccessDenied to ${tried} roles` : `let through: ${through.join(', ')}`,
  refused: tried > 0 && through.length === 0,
});

const SERVICES = ['lambda', 'states', 'sagemaker', 'scheduler', 'apigateway', 'codebuild', 'events'] as const;

async function credentialsOf({ running, client }: AttackedCloud, roleArn: string): Promise<Credentialed> {
  for (const service of SERVICES) {
    try {
      const principal = await running.cloud.assume(
        roleArn,
        'attack',
        `${service}.amazonaws.com`,
        // A role that builds images is for the project of its name alone.
        service === 'codebuild'
          ? roleArn.replace(/^arn:aws:iam::(\d+):role/, 'arn:aws:codebuild:eu-west-1:$1:project')
          : 'arn:aws:attack:eu-west-1:000000000000:x',
      );
      return { ...client, credentials: running.cloud.credentialsFor(principal) };
    } catch (error) {
      if (service === SERVICES.at(-1)) throw error;
    }
  }
  throw new Error('unreachable: the loop returns or throws');
}

const token = async (cloud: AttackedCloud): Promise<string> => (await cloud.taskTokens())[0]!;
const approved = JSON.stringify({ decision: 'Approved' });
const table = 'launchway-local-lineage';
const key = (cloud: AttackedCloud) => ({
  pk: { S: `APPROVAL#${cloud.asked('pending').requestId}` },
  sk: { S: 'REQUEST' },
});
const link = (cloud: AttackedCloud): string =>
  `arn:aws:kms:eu-west-1:${cloud.connection.account}:alias/launchway-local-link`;
const fn = (name: string): string => `launchway-local-${name}`;

/** The functions that ask and decide; CloudFormation cuts long names. */
const APPROVALS =
  /ApproveModel(RequestAppr|DecideAppro|ExpireAppr)|RemindApprovers|RecordBounce|WithdrawApproval|(Decide|Act)ByCommand/;

/** Direct calls, past the page. */
export const otherRoles: AttackGroup = {
  name: 'other role',
  cases: [
    byEveryRoleBut('answers the waiting task: yes', /DeliverDecisi/, async (client, cloud) =>
      new SFNClient(client).send(new SendTaskSuccessCommand({ taskToken: await token(cloud), output: approved })),
    ),
    byEveryRoleBut('answers the waiting task: failed', /DeliverDecisi/, async (client, cloud) =>
      new SFNClient(client).send(new SendTaskFailureCommand({ taskToken: await token(cloud) })),
    ),
    byEveryRoleBut('reads the waiting task’s token from the history', /^$/, (client, cloud) =>
      new SFNClient(client).send(new GetExecutionHistoryCommand({ executionArn: cloud.asked('pending').executionArn })),
    ),
    byEveryRoleBut('decrypts the sealed token', /DeliverDecisi/, async (client, cloud) => {
      const row = (await cloud.rows()).find(({ pk, sk }) => pk === key(cloud).pk.S && sk === 'REQUEST');
      return new KMSClient(client).send(
        new DecryptCommand({
          CiphertextBlob: Buffer.from(String(row?.sealedToken), 'base64'),
          EncryptionContext: { requestId: cloud.asked('pending').requestId },
        }),
      );
    }),
    byEveryRoleBut(
      'signs a link',
      /ApproveModel(RequestAppr|DecideAppro)|RemindApproversR|RecordBounce|ActByCommand/,
      (client, cloud) =>
        new KMSClient(client).send(
          new GenerateMacCommand({ KeyId: link(cloud), Message: Buffer.from('a link'), MacAlgorithm: 'HMAC_SHA_256' }),
        ),
    ),
    byEveryRoleBut('writes a vote', APPROVALS, (client, cloud) =>
      new DynamoDBClient(client).send(
        new PutItemCommand({
          TableName: table,
          Item: { ...key(cloud), sk: { S: 'VOTE#ada-approver' }, choice: { S: 'approve' } },
        }),
      ),
    ),
    byEveryRoleBut('makes the request approved', APPROVALS, (client, cloud) =>
      new DynamoDBClient(client).send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(cloud),
          UpdateExpression: 'SET #s = :a',
          ExpressionAttributeNames: { '#s': 'status' },
          ExpressionAttributeValues: { ':a': { S: 'Approved' } },
        }),
      ),
    ),
    byEveryRoleBut('deletes the request', /^$/, (client, cloud) =>
      new DynamoDBClient(client).send(new DeleteItemCommand({ TableName: table, Key: key(cloud) })),
    ),
    byEveryRoleBut('deletes an audit entry', /^$/, (client, cloud) =>
      new DynamoDBClient(client).send(
        new DeleteItemCommand({
          TableName: table,
          Key: { pk: { S: `MODEL#${cloud.asked('pending').model}` }, sk: { S: 'AUDIT#00000001' } },
        }),
      ),
    ),
    byEveryRoleBut('replaces the waiting task’s token', /ApproveModelWorkflow/, (client, cloud) =>
      new LambdaClient(client).send(
        new InvokeCommand({
          FunctionName: fn('request-approval'),
          Payload: Buffer.from(
            JSON.stringify({
              model: cloud.asked('pending').model,
              release: 1,
              taskToken: 'x',
              taskExpiresAt: '2099-01-01T00:00:00Z',
            }),
          ),
        }),
      ),
    ),
    byEveryRoleBut('calls the page past API Gateway', /^$/, (client) =>
      new LambdaClient(client).send(
        new InvokeCommand({ FunctionName: fn('decide-approval'), Payload: Buffer.from('{}') }),
      ),
    ),
    byEveryRoleBut('takes the question back', /FollowApproval|CloseRelease|ActByCommand/, (client, cloud) =>
      new LambdaClient(client).send(
        new InvokeCommand({
          FunctionName: fn('withdraw-approval'),
          Payload: Buffer.from(
            JSON.stringify({
              requestId: cloud.asked('pending').requestId,
              submitter: { principal: 'AWS:AIDAATTACK', person: 'eve' },
              reason: 'attack',
              knownBy: {},
            }),
          ),
        }),
      ),
    ),
    byEveryRoleBut(
      'announces a decision',
      /RequestAppr|DecideAppro|DecideByCommand|WithdrawApproval|SweepIntents/,
      (client, cloud) =>
        new SQSClient(client).send(
          new SendMessageCommand({
            QueueUrl: `${cloud.running.url}/${cloud.connection.account}/launchway-local-decisions`,
            MessageBody: JSON.stringify({ requestId: cloud.asked('pending').requestId, decision: 'Approved' }),
          }),
        ),
    ),
    byEveryRoleBut('starts a deployment', /ReleaseModel.*Workflow/, (client, cloud) =>
      new SFNClient(client).send(
        new StartExecutionCommand({
          stateMachineArn: cloud.machine('deploy-model'),
          input: JSON.stringify({ model: cloud.asked('pending').model, release: 1 }),
        }),
      ),
    ),
    byEveryRoleBut('creates an endpoint', /ServeVersion|DeployModel.*(Workflow|Serve)/, (client) =>
      new SageMakerClient(client).send(
        new CreateEndpointCommand({ EndpointName: 'attack', EndpointConfigName: 'attack' }),
      ),
    ),
  ],
};
