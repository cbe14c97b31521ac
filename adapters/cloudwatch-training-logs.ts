import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import type { TrainingLogs } from '../domain/release-ports.ts';

const GROUPS = ['/aws/sagemaker/TrainingJobs', '/aws/sagemaker/TransformJobs'];

/** SageMaker's log groups; a job's stream is `{job}/algo-{host}-{time}` or `{job}/{host}`. */
export class CloudWatchTrainingLogs implements TrainingLogs {
  readonly #client: CloudWatchLogsClient;

  constructor(client: CloudWatchLogsClient = new CloudWatchLogsClient({})) {
    this.#client = client;
  }

  async tail(jobPrefix: string, lines: number): Promise<readonly string[]> {
    const streams = (await Promise.all(GROUPS.map((group) => this.#streams(group, jobPrefix)))).flat();
    const newest = streams.toSorted((a, b) => (b.creationTime ?? 0) - (a.creationTime ?? 0))[0];
    if (newest === undefined) return [];
    const { logGroupName, logStreamName } = newest;
    const { events = [] } = await this.#client.send(
      new GetLogEventsCommand({ logGroupName, logStreamName, limit: lines, startFromHead: false }),
    );
    return events.map(({ message = '' }) => message.trimEnd());
  }

  async #streams(logGroupName: string, logStreamNamePrefix: string) {
    try {
      const { logStreams = [] } = await this.#client.send(
        new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix }),
      );
      // A transform's second stream tells of single records; what the container said is in the first.
      const containers = logStreams.filter(({ logStreamName = '' }) => !logStreamName.endsWith('/data-log'));
      return containers.map(({ logStreamName, creationTime }) => ({ logGroupName, logStreamName, creationTime }));
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return [];
      throw error;
    }
  }
}
