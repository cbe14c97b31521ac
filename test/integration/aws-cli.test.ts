import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approveByMail } from '../../cli/demo/approve-by-mail.ts';
import { quietFlights, toRequest } from '../../examples/flight-delays/flights.ts';
import { definitionOf, januaryFlights, ModelRoom } from '../support/model-room.ts';

const answers = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const hasCli = answers('aws', '--version');
const hasBoto3 = answers('python3', '-c', 'import boto3');
if (!hasCli) console.warn('no AWS CLI is installed: a release from the shell is not tested');
if (!hasBoto3) console.warn("python3 has no boto3: Python's SDK is not tested");

const folder = mkdtempSync(join(tmpdir(), 'launchway-shell-'));
const row = quietFlights(1).map(toRequest)[0]!;
let room: ModelRoom;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  if (!hasCli && !hasBoto3) return;
  room = await ModelRoom.open();
  env = {
    ...process.env,
    AWS_ENDPOINT_URL: room.cloud.url,
    AWS_ACCESS_KEY_ID: 'dana',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_PAGER: '',
  };
}, 120_000);

afterAll(async () => {
  await room?.cloud.remove();
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const run = async (program: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { env })).stdout;

/** The two uploads from a shell, then Ada's yes. */
async function deployFromShell(model: string, copy: (from: string, key: string) => Promise<unknown>): Promise<void> {
  await copy(file('model.yaml', definitionOf(model, {})), `models/${model}/model.yaml`);
  await room.until('the definition', () => room.connection.lineage.findModel(model));
  await copy(file('train.csv', januaryFlights()), `models/${model}/data/train.csv`);
  const release = await room.until('a release', async () => (await room.connection.lineage.listReleases(model))[0]);
  const { versionId = '' } = release.inputs.dataset;
  expect(release.submitter.person).toBe('dana-scientist');
  await room.release(model, { versionId }, 'AwaitingApproval');
  await approveByMail(room.cloud.url, 'ada@example.com', 'from a test');
  await room.release(model, { versionId }, 'Deployed');
}

describe('the AWS CLI', () => {
  const aws = async (...args: string[]) => JSON.parse((await run('aws', '--output', 'json', ...args)) || '{}');

  (hasCli ? it : it.skip)(
    'starts a release with s3 cp, and asks everything about it',
    async () => {
      await deployFromShell('shell', (from, key) => run('aws', 's3', 'cp', from, `s3://${room.intake}/${key}`));

      const endpoint = await aws('sagemaker', 'describe-endpoint', '--endpoint-name', 'launchway-local-shell');
      expect(endpoint.EndpointStatus).toBe('InService');
      const answer = join(folder, 'answer');
      const asked = ['--content-type', 'text/csv', '--body', `fileb://${file('row.csv', row)}`, answer];
      await aws('sagemaker-runtime', 'invoke-endpoint', '--endpoint-name', 'launchway-local-shell', ...asked);
      expect(Number(readFileSync(answer, 'utf8'))).toBeGreaterThan(0);

      const rows = await aws(
        ...['dynamodb', 'query', '--table-name', 'launchway-local-lineage'],
        ...['--key-condition-expression', 'pk = :m and begins_with(sk, :r)'],
        ...['--expression-attribute-values', '{":m":{"S":"MODEL#shell"},":r":{"S":"RELEASE#"}}'],
      );
      expect(rows.Items).toMatchObject([{ status: { S: 'Deployed' } }]);
    },
    180_000,
  );

  (hasCli ? it : it.skip)(
    'creates a state machine and runs it',
    async () => {
      const say = { Type: 'Pass', Output: { said: "{% $states.input.name & '!' %}" }, End: true };
      const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Say', States: { Say: say } });
      const roleArn = (await aws('lambda', 'get-function', '--function-name', 'launchway-local-open-release'))
        .Configuration.Role;
      const { stateMachineArn } = await aws(
        ...['stepfunctions', 'create-state-machine', '--name', 'from-a-shell'],
        ...['--definition', definition, '--role-arn', roleArn],
      );
      const { executionArn } = await aws(
        ...['stepfunctions', 'start-execution', '--state-machine-arn', stateMachineArn, '--input', '{"name":"Dana"}'],
      );
      await room.cloud.cloud.idle();
      const done = await aws('stepfunctions', 'describe-execution', '--execution-arn', executionArn);
      expect(done).toMatchObject({ status: 'SUCCEEDED', output: '{"said":"Dana!"}' });
    },
    60_000,
  );
});

describe('boto3', () => {
  const python = (...lines: string[]) => run('python3', '-c', ['import boto3, json', ...lines].join('\n'));

  (hasBoto3 ? it : it.skip)(
    'starts a release, and asks the endpoint',
    async () => {
      await deployFromShell('python', (from, key) =>
        python(`boto3.client('s3').upload_file(${JSON.stringify(from)}, '${room.intake}', '${key}')`),
      );
      const said = await python(
        "status = boto3.client('sagemaker').describe_endpoint(EndpointName='launchway-local-python')['EndpointStatus']",
        `body = boto3.client('sagemaker-runtime').invoke_endpoint(EndpointName='launchway-local-python', ContentType='text/csv', Body='${row}')['Body'].read().decode()`,
        "items = boto3.resource('dynamodb').Table('launchway-local-lineage').get_item(Key={'pk': 'MODEL#python', 'sk': 'MODEL'})['Item']",
        "print(json.dumps([status, float(body), items['team']]))",
      );
      expect(JSON.parse(said)).toEqual(['InService', expect.any(Number), 'operations']);
    },
    180_000,
  );
});
