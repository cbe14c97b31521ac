import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, GetLogEventsCommand, ResourceNotFoundException } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, type Build, CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { BatchGetImageCommand, ECRClient } from '@aws-sdk/client-ecr';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import { MODEL_NAME } from '../../domain/model-definition/patterns.ts';
import config from '../../launchway.config.ts';
import { teamRepository } from '../../lib/config.ts';
import { type Connection, connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, UsageError } from '../output.ts';
import { packZip } from '../pack-zip.ts';

interface BuildImageOptions {
  readonly team: string;
  readonly model: string;
}

export function registerBuildImage(program: Command): void {
  program
    .command('build-image')
    .description(
      "build an image of a folder with a Dockerfile in AWS, into the team's own repository: nobody needs Docker",
    )
    .argument('[folder]', 'with Dockerfile, train and serve', 'image')
    .requiredOption('--team <team>', 'team of the deployed configuration')
    .requiredOption('--model <name>', 'the model it is for: the tag begins with it')
    .option('--json', JSON_OPTION)
    .action(async (folder: string, { team, model }: BuildImageOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const output = createOutput(json ?? false);
      const source = sourceOf(folder, team, model);
      const connection = await connect(prefix);
      const repository = teamRepository(prefix, team);
      const before = await digestOf(connection, repository, source.tag);
      if (before === undefined) await build(connection, team, source, (line) => output.line(line));
      const digest = before ?? (await digestOf(connection, repository, source.tag));
      if (digest === undefined) throw new UsageError(`expected ${repository}:${source.tag} in the registry, got none`);
      const image = `${repository}:${source.tag}`;
      output.result({ image, digest, isNew: before === undefined }, () =>
        [
          before === undefined ? `built ${image}` : `${image} was built of these files before`,
          `digest ${digest}`,
          `in model.yaml: training: { image: "${image}" }`,
        ].join('\n'),
      );
    });
}

interface Source {
  readonly archive: Buffer;
  readonly sha256: string;
  /** The model's name and the start of the digest: a tag never means another image. */
  readonly tag: string;
}

/** @throws {UsageError} no such team, model or folder, or no Dockerfile */
function sourceOf(folder: string, team: string, model: string): Source {
  const teams = Object.keys(config.teams);
  if (!teams.includes(team)) throw new UsageError(`expected --team to be ${teams.join(' or ')}, got "${team}"`);
  if (!MODEL_NAME.test(model)) throw new UsageError(`expected --model to be the name of a model, got "${model}"`);
  if (!existsSync(join(folder, 'Dockerfile'))) throw new UsageError(`expected a Dockerfile in ${folder}, got none`);
  const archive = packZip(folder);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  return { archive, sha256, tag: `${model}-${sha256.slice(0, 12)}` };
}

async function build(
  { s3, client, prefix, account }: Connection,
  team: string,
  { archive, sha256, tag }: Source,
  report: (line: string) => void,
): Promise<void> {
  const [Bucket, Key] = [`${prefix}-intake-${account}`, `images/${team}/${sha256}.zip`];
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: archive }));
  const codebuild = new CodeBuildClient(client);
  const started = await codebuild.send(
    new StartBuildCommand({
      projectName: `${prefix}-${team}-build-image`,
      sourceTypeOverride: 'S3',
      sourceLocationOverride: `${Bucket}/${Key}`,
      // What was uploaded here, whatever stands there by the time it is read.
      sourceVersion: VersionId,
      environmentVariablesOverride: [{ name: 'TAG', value: tag }],
    }),
  );
  const id = started.build!.id!;
  report(`build ${id} of ${archive.length} bytes`);
  const ended = await endOf(codebuild, id, report);
  if (ended.buildStatus === 'SUCCEEDED') return;
  for (const line of await logTail(new CloudWatchLogsClient(client), ended)) report(`  ${line}`);
  throw new UsageError(`the build ended ${ended.buildStatus}: ${whyOf(ended)}`);
}

/** Milliseconds; CodeBuild answers a few such calls a second for all of an account. */
const POLL = 1000;

async function endOf(codebuild: CodeBuildClient, id: string, report: (line: string) => void): Promise<Build> {
  for (let phase: string | undefined; ; await sleep(POLL)) {
    const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
    const build = builds?.[0];
    if (!build) throw new UsageError(`expected build ${id} in CodeBuild, got none`);
    if (build.currentPhase !== phase) report(`  ${build.currentPhase}`);
    phase = build.currentPhase;
    if (build.buildComplete) return build;
  }
}

function whyOf({ phases = [] }: Build): string {
  const failed = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED');
  return `${failed?.phaseType ?? 'no phase'} ${failed?.phaseStatus ?? 'failed'}: ${failed?.contexts?.[0]?.message || 'no reason given'}`;
}

const LOG_LINES = 30;

/** @returns nothing where the build ended before it had a log */
async function logTail(client: CloudWatchLogsClient, { logs }: Build): Promise<string[]> {
  if (!logs?.groupName || !logs.streamName) return [];
  const at = { logGroupName: logs.groupName, logStreamName: logs.streamName, limit: LOG_LINES };
  try {
    const { events } = await client.send(new GetLogEventsCommand(at));
    return (events ?? []).map(({ message }) => (message ?? '').trimEnd());
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return [];
    throw error;
  }
}

/** @returns undefined where the tag is none */
async function digestOf({ client }: Connection, repositoryName: string, imageTag: string): Promise<string | undefined> {
  const { images } = await new ECRClient(client).send(
    new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }),
  );
  return images?.[0]?.imageId?.imageDigest;
}
