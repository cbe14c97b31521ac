import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import type { TrainingLogs } from '../domain/release-ports.ts';

const GROUP = '/aws/sagemaker/TrainingJobs';

/** SageMaker's log group; a job's stream is `{job}/algo-{host}-{time}`. */
export class CloudWatchTrainingLogs implements TrainingLogs {
  readonly #client: CloudWatchLogsClient;

  constructor(client: CloudWatchLogsClient = new CloudWatchLogsClient({})) {
    this.#client = client;
  }

  async tail(jobPrefix: string, lines: number): Promise<readonly string[]> {
    const stream = await this.#newestStream(jobPrefix);
    if (stream === undefined) return [];
    const { events = [] } = await this.#client.send(
      new GetLogEventsCommand({ logGroupName: GROUP, logStreamName: stream, limit: lines, startFromHead: false }),
    );
    return events.map(({ message = '' }) => message.trimEnd());
  }

  async #newestStream(logStreamNamePrefix: string): Promise<string | undefined> {
    try {
      const { logStreams = [] } = await this.#client.send(
        new DescribeLogStreamsCommand({ logGroupName: GROUP, logStreamNamePrefix }),
      );
      return logStreams.toSorted((a, b) => (b.creationTime ?? 0) - (a.creationTime ?? 0))[0]?.logStreamName;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}
