import {
  DescribeHyperParameterTuningJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { JobLookup, SlotJob } from '../domain/slots/ports.ts';

/** Any job by its name: a search and a training hold instances of the same use. */
export class SageMakerJobLookup implements JobLookup {
  readonly #client: SageMakerClient;

  constructor(client: SageMakerClient = new SageMakerClient({})) {
    this.#client = client;
  }

  async look({ job, use }: Pick<SlotJob, 'job' | 'use'>): Promise<'running' | 'ended' | 'missing'> {
    const status =
      use === 'transform' ? await this.#transform(job) : ((await this.#training(job)) ?? (await this.#search(job)));
    if (status === undefined) return 'missing';
    return ['Completed', 'Failed', 'Stopped'].includes(status) ? 'ended' : 'running';
  }

  #training = (name: string) =>
    unlessMissing(async () => {
      const job = await this.#client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
      return job.TrainingJobStatus;
    });

  #search = (name: string) =>
    unlessMissing(async () => {
      const command = new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name });
      return (await this.#client.send(command)).HyperParameterTuningJobStatus;
    });

  #transform = (name: string) =>
    unlessMissing(async () => {
      const job = await this.#client.send(new DescribeTransformJobCommand({ TransformJobName: name }));
      return job.TransformJobStatus;
    });
}

/** SageMaker says it in three ways: ResourceNotFound, ValidationException "not found", "could not find". */
async function unlessMissing(describe: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await describe();
  } catch (error) {
    const { name, message } = error as Error;
    // A search's name is shorter than a job's may be: a longer one is none.
    if (name === 'ResourceNotFound' || /not found|could not find|less than or equal to 32/i.test(message))
      return undefined;
    throw error;
  }
}
