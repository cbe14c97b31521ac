import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  type Build,
  CodeBuildClient,
  ListBuildsForProjectCommand,
  StartBuildCommand,
  type StartBuildCommandInput,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CloudEvent } from '../../../local/service.ts';
import { imageDirectory } from '../../../local/services/ecr/index.ts';
import { SmallCloud } from '../support/small-cloud.ts';
import { zip } from '../support/zip.ts';

const REGISTRY = '000000000000.dkr.ecr.eu-west-1.amazonaws.com';

const DOCKER_BUILD = `
version: 0.2
env:
  exported-variables: [TAG]
phases:
  pre_build:
    commands:
      - aws ecr get-login-password --region $AWS_DEFAULT_REGION | docker login --username AWS --password-stdin $REGISTRY
      - export TAG=release-$RELEASE
  build:
    commands:
      - docker build -t flights:$TAG --build-arg A=b .
      - docker tag flights:$TAG $REGISTRY/flights:$TAG
  post_build:
    commands:
      - docker push $REGISTRY/flights:$TAG
`;

let small: SmallCloud;
let codebuild: CodeBuildClient;
let events: CloudEvent[];

beforeEach(async () => {
  small = await SmallCloud.start();
  codebuild = new CodeBuildClient(small.client);
  await small.create('AWS::S3::Bucket', { BucketName: 'sources' }, 'Sources');
  await small.create('AWS::ECR::Repository', { RepositoryName: 'flights', ImageTagMutability: 'IMMUTABLE' }, 'Images');
  listen();
});
afterEach(async () => {
  codebuild.destroy();
  await small.stop();
});

const listen = () => {
  events = [];
  small.cloud.onEvent((event) => {
    if (event.source === 'aws.codebuild' || event.source === 'aws.ecr') events.push(event);
  });
};
const PUSH = [
  'BatchCheckLayerAvailability',
  'CompleteLayerUpload',
  'InitiateLayerUpload',
  'PutImage',
  'UploadLayerPart',
];
const LOGS: [string[], string] = [['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], '*'];
const EVERYTHING: [string | string[], string][] = [
  LOGS,
  ['s3:GetObject', 'arn:aws:s3:::sources/*'],
  ['s3:ListBucket', 'arn:aws:s3:::sources'],
  ['ecr:GetAuthorizationToken', '*'],
  [PUSH.map((action) => `ecr:${action}`), 'arn:aws:ecr:eu-west-1:000000000000:repository/flights'],
];

async function project(buildspec: string | undefined, allow = EVERYTHING, more: object = {}): Promise<void> {
  const ServiceRole = await small.role('builder', 'codebuild.amazonaws.com', allow);
  await small.create('AWS::CodeBuild::Project', {
    Name: 'images',
    ServiceRole,
    Artifacts: { Type: 'NO_ARTIFACTS' },
    Environment: {
      Type: 'LINUX_CONTAINER',
      ComputeType: 'BUILD_GENERAL1_SMALL',
      Image: 'aws/codebuild/standard:7.0',
      PrivilegedMode: true,
      EnvironmentVariables: [{ Name: 'REGISTRY', Value: REGISTRY }],
    },
    Source: { Type: 'S3', Location: 'sources/flights.zip', ...(buildspec && { BuildSpec: buildspec }) },
    ...more,
  });
}
const upload = (files: Record<string, string>) =>
  small.call('s3', 'PutObject', { Bucket: 'sources', Key: 'flights.zip', Body: zip(files) });
const start = async (more: Partial<StartBuildCommandInput> = {}): Promise<string> =>
  (await codebuild.send(new StartBuildCommand({ projectName: 'images', ...more }))).build!.id!;
const build = async (more: Partial<StartBuildCommandInput> = {}): Promise<Build> => {
  const id = await start(more);
  await small.cloud.idle();
  return (await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds![0]!;
};
const logOf = async ({ logs }: Build): Promise<string> => {
  const input = { logGroupName: logs!.groupName, logStreamName: logs!.streamName };
  const answer = await small.call('logs', 'GetLogEvents', { ...input, startFromHead: true });
  return answer.events.map(({ message }: { message: string }) => message).join('\n');
};
const failed = ({ phases }: Build) =>
  phases!
    .filter(({ phaseStatus }) => phaseStatus === 'FAILED')
    .map(({ phaseType, contexts }) => [phaseType, contexts![0]]);
const RELEASE = { environmentVariablesOverride: [{ name: 'RELEASE', value: '7' }] };
const PROGRAMS = { Dockerfile: 'FROM python', train: '#!/bin/sh\necho trained\n', serve: '#!/bin/sh\n' };

describe('a build', () => {
  it('makes an image of its source, in phases that are told', async () => {
    await project(DOCKER_BUILD);
    await upload(PROGRAMS);
    const done = await build(RELEASE);
    expect(failed(done)).toEqual([]);
    expect(done).toMatchObject({ buildStatus: 'SUCCEEDED', buildComplete: true, buildNumber: 1 });
    expect(done.phases!.map(({ phaseType }) => phaseType)).toEqual([
      'SUBMITTED',
      'QUEUED',
      'PROVISIONING',
      'DOWNLOAD_SOURCE',
      'INSTALL',
      'PRE_BUILD',
      'BUILD',
      'POST_BUILD',
      'UPLOAD_ARTIFACTS',
      'FINALIZING',
      'COMPLETED',
    ]);
    expect(done.exportedEnvironmentVariables).toEqual([{ name: 'TAG', value: 'release-7' }]);
    const { directory, digest } = imageDirectory(small.cloud, `${REGISTRY}/flights:release-7`);
    expect(statSync(join(directory, 'train')).mode & 0o111).not.toBe(0);
    const log = await logOf(done);
    expect(log).toContain('Login Succeeded');
    expect(log).toContain(`release-7: digest: ${digest}`);
    expect(events.map((event) => event['detail-type'])).toContain('ECR Image Action');
    const states = events.filter((event) => event['detail-type'] === 'CodeBuild Build State Change');
    expect(states.map(({ detail }) => detail['build-status'])).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
    expect(states[1]).toMatchObject({
      resources: [done.arn],
      detail: { 'project-name': 'images', 'current-phase': 'COMPLETED', version: '1' },
    });
  });

  it('builds the folder and the version of the source that it is told', async () => {
    await project('version: 0.2\nphases:\n  build:\n    commands: [cat note]\n', EVERYTHING, {});
    await small.call('s3', 'PutObject', { Bucket: 'sources', Key: 'folder/note', Body: Buffer.from('from a folder') });
    const done = await build({ sourceLocationOverride: 'sources/folder/' });
    expect(await logOf(done)).toContain('from a folder');
  });

  it('takes the buildspec of its source where the project has none', async () => {
    await project(undefined);
    await upload({
      'buildspec.yml':
        'version: 0.2\nphases:\n  build:\n    commands: ["echo $GREETING"]\nenv:\n  variables: {GREETING: "it\'s $5"}\n',
    });
    expect(await logOf(await build())).toContain("\nit's $5");
  });

  it('is started once per token', async () => {
    await project('version: 0.2\nphases: {}\n');
    await upload({ a: '' });
    const [first, second] = [await start({ idempotencyToken: 't' }), await start({ idempotencyToken: 't' })];
    expect(second).toBe(first);
    expect((await codebuild.send(new ListBuildsForProjectCommand({ projectName: 'images' }))).ids).toEqual([first]);
    await small.cloud.idle();
  });
});

describe('a build that fails says why', () => {
  const spec = (commands: string) => `version: 0.2\nphases:\n  build:\n    commands:\n${commands}`;

  it.each<[string, string | undefined, Record<string, string>, string, string, string]>([
    [
      'a command',
      spec('      - echo before\n      - exit 3\n      - echo after\n'),
      { a: '' },
      'BUILD',
      'COMMAND_EXECUTION_ERROR',
      'Error while executing command: exit 3. Reason: exit status 3',
    ],
    ['no Dockerfile', DOCKER_BUILD, { train: '' }, 'BUILD', 'COMMAND_EXECUTION_ERROR', 'docker build'],
    ['no buildspec', undefined, { a: '' }, 'DOWNLOAD_SOURCE', 'YAML_FILE_ERROR', 'stat buildspec.yml'],
    [
      'a wrong buildspec',
      'version: 0.2\nphases:\n  test: {}\n',
      { a: '' },
      'DOWNLOAD_SOURCE',
      'YAML_FILE_ERROR',
      'test',
    ],
    [
      'a path out of the source',
      spec('      - true\n'),
      { '../a': '' },
      'DOWNLOAD_SOURCE',
      'CLIENT_ERROR',
      'relative path',
    ],
  ])('%s', async (_, buildspec, files, phase, statusCode, message) => {
    await project(buildspec);
    await upload(files);
    const done = await build(RELEASE);
    expect(done.buildStatus).toBe('FAILED');
    expect(failed(done)[0]).toEqual([phase, { statusCode, message: expect.stringContaining(message) }]);
  });

  it('without a source, and without the permissions of its role', async () => {
    await project(DOCKER_BUILD);
    expect(failed(await build(RELEASE))).toEqual([
      ['DOWNLOAD_SOURCE', { statusCode: 'CLIENT_ERROR', message: expect.stringContaining('NoSuchKey') }],
    ]);
    await upload(PROGRAMS);
    await project(DOCKER_BUILD, [LOGS, ['s3:GetObject', '*'], ['ecr:GetAuthorizationToken', '*']]);
    const refused = await build(RELEASE);
    expect(failed(refused)).toMatchObject([['POST_BUILD', { statusCode: 'COMMAND_EXECUTION_ERROR' }]]);
    expect(await logOf(refused)).toMatch(/denied: .*ecr:BatchCheckLayerAvailability/);
    await project(DOCKER_BUILD, [['s3:GetObject', '*']]);
    expect(failed(await build(RELEASE))).toMatchObject([['PROVISIONING', { statusCode: 'ACCESS_DENIED' }]]);
  });

  it('runs what follows a failed BUILD, and knows that it failed', async () => {
    await project(
      'version: 0.2\nphases:\n  build:\n    commands: ["false"]\n    finally: [echo last words]\n  post_build:\n    commands: [echo succeeding=$CODEBUILD_BUILD_SUCCEEDING]\n',
    );
    await upload({ a: '' });
    const done = await build();
    expect(done.buildStatus).toBe('FAILED');
    expect(await logOf(done)).toMatch(/last words[\s\S]*succeeding=0/);
  });

  it('where a tag is taken that may not move', async () => {
    await project(DOCKER_BUILD);
    await upload(PROGRAMS);
    await build(RELEASE);
    await upload({ ...PROGRAMS, train: '#!/bin/sh\necho another\n' });
    const again = await build(RELEASE);
    expect(await logOf(again)).toContain('tag is immutable');
    expect(again.buildStatus).toBe('FAILED');
  });
});

describe('a build under way', () => {
  const SLOW = 'version: 0.2\nphases:\n  build:\n    commands: ["touch $MARK; sleep 60"]\n';
  const mark = () => join(small.cloud.stateDir, 'mark');
  const slow = async (more: Partial<StartBuildCommandInput> = {}) => {
    const id = await start({ environmentVariablesOverride: [{ name: 'MARK', value: mark() }], ...more });
    while (!existsSync(mark())) await new Promise((resolve) => setTimeout(resolve, 10));
    return id;
  };
  const get = async (id: string) => (await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds![0]!;

  it('can be stopped', async () => {
    await project(SLOW);
    await upload({ a: '' });
    const id = await slow();
    await codebuild.send(new StopBuildCommand({ id }));
    await small.cloud.idle();
    expect(await get(id)).toMatchObject({ buildStatus: 'STOPPED' });
  });

  it('begins again after a restart, under its own id', async () => {
    await project(
      'version: 0.2\nphases:\n  build:\n    commands: ["[ -e $MARK ] && echo again || { touch $MARK; sleep 60; }"]\n',
    );
    await upload({ a: '' });
    const id = await slow();
    await small.restart();
    codebuild = new CodeBuildClient(small.client);
    await small.cloud.idle();
    const done = await get(id);
    expect(done.buildStatus).toBe('SUCCEEDED');
    expect(await logOf(done)).toContain('\nagain');
  });
});

it('is a task of Step Functions that waits for its end', async () => {
  await project('version: 0.2\nphases:\n  build:\n    commands: ["[ $OK = yes ]"]\n');
  await upload({ a: '' });
  const project1 = 'arn:aws:codebuild:eu-west-1:000000000000:project/images';
  const roleArn = await small.role('machine', 'states.amazonaws.com', [
    [['codebuild:StartBuild', 'codebuild:StopBuild', 'codebuild:BatchGetBuilds'], project1],
    [
      ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      'arn:aws:events:eu-west-1:000000000000:rule/StepFunctionsGetEventsForCodeBuildRule',
    ],
  ]);
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Build Image',
    States: {
      'Build Image': {
        Type: 'Task',
        Resource: 'arn:aws:states:::codebuild:startBuild.sync',
        Arguments: {
          ProjectName: 'images',
          EnvironmentVariablesOverride: [{ Name: 'OK', Value: '{% $states.input.ok %}', Type: 'PLAINTEXT' }],
        },
        Output: '{% $states.result.Build.BuildStatus %}',
        Catch: [{ ErrorEquals: ['States.TaskFailed'], Output: '{% $states.errorOutput %}', Next: 'Not Built' }],
        End: true,
      },
      'Not Built': {
        Type: 'Pass',
        Output: '{% $parse($states.input.Cause).Build.Phases.Contexts.Message %}',
        End: true,
      },
    },
  });
  const { stateMachineArn } = await small.call('states', 'CreateStateMachine', { name: 'm', definition, roleArn });
  const run = async (ok: string) => {
    const input = JSON.stringify({ ok });
    const { executionArn } = await small.call('states', 'StartExecution', { stateMachineArn, input });
    await small.cloud.idle();
    return small.call('states', 'DescribeExecution', { executionArn });
  };
  expect(await run('yes')).toMatchObject({ status: 'SUCCEEDED', output: '"SUCCEEDED"' });
  expect((await run('no')).output).toContain('Error while executing command');
  const { projects } = await codebuild.send(new BatchGetProjectsCommand({ names: ['images'] }));
  expect(projects).toMatchObject([{ name: 'images', environment: { privilegedMode: true } }]);
});
