import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { RolloutTraffic } from '../domain/deployment/ports.ts';
import type { TimeWindow } from '../domain/drift/persistence.ts';
import { VARIANT } from '../domain/monitoring/keys.ts';

const PERIOD_SECONDS = 300;

/** SageMaker counts requests by endpoint configuration as well: `AWS/SageMaker`, `Invocations`. */
export class CloudWatchRolloutTraffic implements RolloutTraffic {
  readonly #client: CloudWatchClient;

  constructor(client: CloudWatchClient = new CloudWatchClient({})) {
    this.#client = client;
  }

  async requests(endpointName: string, endpointConfigName: string, during: TimeWindow): Promise<number> {
    const Dimensions = [
      { Name: 'EndpointName', Value: endpointName },
      { Name: 'VariantName', Value: VARIANT },
      { Name: 'EndpointConfigName', Value: endpointConfigName },
    ];
    const Metric = { Namespace: 'AWS/SageMaker', MetricName: 'Invocations', Dimensions };
    const { MetricDataResults = [] } = await this.#client.send(
      new GetMetricDataCommand({
        StartTime: new Date(during.start),
        EndTime: new Date(during.end),
        MetricDataQueries: [{ Id: 'requests', MetricStat: { Metric, Period: PERIOD_SECONDS, Stat: 'Sum' } }],
      }),
    );
    return MetricDataResults.flatMap(({ Values = [] }) => Values).reduce((sum, value) => sum + value, 0);
  }
}
