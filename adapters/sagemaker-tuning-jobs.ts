import {
  DescribeHyperParameterTuningJobCommand,
  type HyperParameterTrainingJobSummary,
  ListTagsCommand,
  ListTrainingJobsForHyperParameterTuningJobCommand,
  ResourceNotFound,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { Trial, TuningJob, TuningJobs } from '../domain/training/tuning-jobs.ts';

/** Tuning jobs through the SageMaker API. */
export class SageMakerTuningJobs implements TuningJobs {
  readonly #client: SageMakerClient;

  constructor(client: SageMakerClient = new SageMakerClient({})) {
    this.#client = client;
  }

  async find(name: string): Promise<TuningJob | undefined> {
    const job = await this.#describe(name);
    if (!job) return undefined;
    const { Tags = [] } = await this.#client.send(
      new ListTagsCommand({ ResourceArn: job.HyperParameterTuningJobArn ?? '' }),
    );
    const objective = job.HyperParameterTuningJobConfig?.HyperParameterTuningJobObjective;
    const best = job.BestTrainingJob?.TrainingJobName;
    return {
      name,
      status: job.HyperParameterTuningJobStatus as TuningJob['status'],
      metric: objective?.MetricName ?? '',
      goal: objective?.Type === 'Minimize' ? 'minimize' : 'maximize',
      tags: new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      ...(job.FailureReason !== undefined && { failureReason: job.FailureReason }),
      ...(best !== undefined && { best }),
    };
  }

  async trials(name: string): Promise<Trial[]> {
    const trials: Trial[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListTrainingJobsForHyperParameterTuningJobCommand({
          HyperParameterTuningJobName: name,
          SortBy: 'CreationTime',
          SortOrder: 'Ascending',
          MaxResults: 100,
          ...(NextToken && { NextToken }),
        }),
      );
      trials.push(...(page.TrainingJobSummaries ?? []).map(trialOf));
      NextToken = page.NextToken;
    } while (NextToken);
    return trials;
  }

  async #describe(name: string) {
    try {
      return await this.#client.send(new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name }));
    } catch (error) {
      if (error instanceof ResourceNotFound) return undefined;
      throw error;
    }
  }
}

function trialOf(summary: HyperParameterTrainingJobSummary): Trial {
  const { TrainingStartTime: from, TrainingEndTime: to } = summary;
  const objective = summary.FinalHyperParameterTuningJobObjectiveMetric?.Value;
  return {
    jobName: summary.TrainingJobName ?? '',
    status: summary.TrainingJobStatus ?? '',
    tuned: summary.TunedHyperParameters ?? {},
    seconds: from && to ? Math.max(1, Math.ceil((to.getTime() - from.getTime()) / 1000)) : 0,
    ...(objective !== undefined && { objective }),
    ...(summary.FailureReason !== undefined && { failureReason: summary.FailureReason }),
  };
}
