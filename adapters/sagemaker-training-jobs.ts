import {
  DescribeTrainingJobCommand,
  ListTagsCommand,
  SageMakerClient,
  type StoppingCondition,
} from '@aws-sdk/client-sagemaker';
import type { TrainingJob, TrainingJobs } from '../domain/training/training-jobs.ts';

/** Training jobs through the SageMaker API. */
export class SageMakerTrainingJobs implements TrainingJobs {
  readonly #client: SageMakerClient;

  constructor(client: SageMakerClient = new SageMakerClient({})) {
    this.#client = client;
  }

  async find(name: string): Promise<TrainingJob | undefined> {
    const job = await this.#describe(name);
    if (!job) return undefined;
    const { Tags = [] } = await this.#client.send(new ListTagsCommand({ ResourceArn: job.TrainingJobArn }));
    return {
      name,
      arn: job.TrainingJobArn ?? '',
      status: job.TrainingJobStatus as TrainingJob['status'],
      image: job.AlgorithmSpecification?.TrainingImage ?? '',
      seconds: job.BillableTimeInSeconds ?? job.TrainingTimeInSeconds ?? 0,
      interruptions: (job.SecondaryStatusTransitions ?? []).filter(({ Status }) => Status === 'Interrupted').length,
      limits: limitsOf(job.StoppingCondition),
      isSpot: job.EnableManagedSpotTraining ?? false,
      instanceType: job.ResourceConfig?.InstanceType ?? '',
      instanceCount: job.ResourceConfig?.InstanceCount ?? 1,
      tags: new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      ...(job.SecondaryStatus !== undefined && { secondaryStatus: job.SecondaryStatus }),
      ...(job.TrainingTimeInSeconds !== undefined && { trainingSeconds: job.TrainingTimeInSeconds }),
      ...(job.FailureReason !== undefined && { failureReason: job.FailureReason }),
      ...(job.ModelArtifacts?.S3ModelArtifacts && { artifactUri: job.ModelArtifacts.S3ModelArtifacts }),
    };
  }

  async #describe(name: string) {
    try {
      return await this.#client.send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
    } catch (error) {
      // SageMaker has no error of its own for this: ValidationException, "Requested resource not found."
      if (error instanceof Error && /not found|could not find/i.test(error.message)) return undefined;
      throw error;
    }
  }
}

const limitsOf = ({ MaxRuntimeInSeconds: runtime, MaxWaitTimeInSeconds: wait }: StoppingCondition = {}) => ({
  ...(runtime !== undefined && { maxRuntimeSeconds: runtime }),
  ...(wait !== undefined && { maxWaitSeconds: wait }),
});
