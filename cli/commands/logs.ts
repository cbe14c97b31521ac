import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Command } from 'commander';
import type { ReleaseRow } from '../../domain/release.ts';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, UsageError } from '../output.ts';

export function registerLogs(program: Command): void {
  program
    .command('logs')
    .description("a release's training log")
    .argument('<release>', 'model/release: flight-delays/1')
    .option('--tail <lines>', 'only the last lines', '200')
    .option('--json', JSON_OPTION)
    .action(async (subject: string, options: { tail: string }, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const [, model, number] = /^([a-z][a-z0-9-]*)\/(\d+)$/.exec(subject) ?? [];
      if (!model || !number) throw new UsageError(`expected model/release such as flight-delays/1, got "${subject}"`);
      const { lineage, client } = await connect(prefix);
      const release = await lineage.getRelease(model, Number(number));
      const lines = await trainingLog(
        new CloudWatchLogsClient(client),
        jobPrefix(prefix, release),
        Number(options.tail),
      );
      createOutput(json ?? false).result(
        lines,
        () => lines.map((line) => `${line.at}  ${line.message}`).join('\n') || 'no log lines yet',
      );
    });
}

/** Every attempt's job of this release. */
const jobPrefix = (prefix: string, { model, release }: ReleaseRow): string => `${prefix}-${model}-r${release}-`;

async function trainingLog(
  client: CloudWatchLogsClient,
  streams: string,
  tail: number,
): Promise<{ at: string; message: string }[]> {
  const lines: { at: string; message: string }[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName: '/aws/sagemaker/TrainingJobs',
        logStreamNamePrefix: streams,
        ...(nextToken && { nextToken }),
      }),
    );
    for (const event of page.events ?? [])
      lines.push({ at: new Date(event.timestamp ?? 0).toISOString(), message: event.message ?? '' });
    nextToken = page.nextToken;
  } while (nextToken);
  return lines.slice(-tail);
}
