import type { ListTrainingJobsForHyperParameterTuningJobRequest } from '@aws-sdk/client-sagemaker';
import { validation } from '../names.ts';
import type { Trial } from './job.ts';

/** A page of a tuning job's training jobs: by name unless asked otherwise, ascending. */
export function trialsPage(
  trials: readonly Trial[],
  request: ListTrainingJobsForHyperParameterTuningJobRequest,
): { items: Trial[]; nextToken?: string } {
  const { MaxResults: most = 10, NextToken: token = '0', StatusEquals: status, SortBy: by = 'Name' } = request;
  if (!(most >= 1 && most <= 100)) throw validation(`expected MaxResults from 1 to 100, got ${most}`);
  if (!/^\d+$/.test(token)) throw validation('Invalid NextToken');
  const keyed = KEYS.get(by);
  if (!keyed) throw validation(`expected SortBy ${[...KEYS.keys()].join(', ')}, got ${by}`);
  const direction = request.SortOrder === 'Descending' ? -1 : 1;
  const matching = trials
    // Only what has an objective can be sorted by it.
    .filter((trial) => (status === undefined || trial.job.status === status) && keyed(trial) !== undefined)
    .sort((a, b) => direction * compare(keyed(a)!, keyed(b)!) || compare(a.job.name, b.job.name));
  const from = Number(token);
  const items = matching.slice(from, from + most);
  return from + most < matching.length ? { items, nextToken: String(from + most) } : { items };
}

const KEYS = new Map<string, (trial: Trial) => string | number | undefined>([
  ['Name', ({ job }) => job.name],
  ['CreationTime', ({ job }) => job.createdAt],
  ['Status', ({ job }) => job.status],
  ['FinalObjectiveMetricValue', ({ value }) => value],
]);

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);
