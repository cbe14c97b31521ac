import type { ModelDefinition } from '../model-definition.ts';
import { jobCostUsd, PRICES_AS_OF, showUsd } from './prices.ts';

/** A month has 730 hours, as AWS's own calculator counts them. */
const HOURS_A_MONTH = 730;
const HOUR = 3600;

/** What a model costs by its definition alone, at list price; without storage, requests, traffic and tax. */
export interface ExpectedCost {
  readonly region: string;
  /** Of the table of prices. */
  readonly pricesAsOf: string;
  /** A month of the endpoint, with the fewest and with the most instances that it may have. Absent where a price is not known. */
  readonly serving?: { readonly leastUsd: number; readonly mostUsd: number };
  /**
   * One release's training, where every job takes all the time that it may have, on demand; 0 where the model was trained elsewhere.
   * Absent where a price is not known.
   */
  readonly trainingMostUsd?: number;
  /** An hour of the batch transforms that validate: candidate, copies for importance, champion. */
  readonly validationPerHourUsd?: number;
}

type Spending = Pick<ModelDefinition, 'training' | 'serving'>;

/** @param region whose prices count */
export function expectedCost({ training, serving }: Spending, region: string): ExpectedCost {
  const { instance, minInstances, maxInstances } = serving.realtime;
  const hour = jobCostUsd(region, instance, 1, HOURS_A_MONTH * HOUR);
  const { types, count } = training.instance;
  const seconds = training.maxRuntimeMinutes * 60 * (training.tuning?.maxJobs ?? 1);
  const trainings =
    training.artifact === undefined ? types.map((type) => jobCostUsd(region, type, count, seconds)) : [0];
  const transform = jobCostUsd(region, types[0]!, 1, HOUR);
  return {
    region,
    pricesAsOf: PRICES_AS_OF,
    ...(hour !== undefined && { serving: { leastUsd: hour * minInstances, mostUsd: hour * maxInstances } }),
    ...(trainings.every((usd) => usd !== undefined) && { trainingMostUsd: Math.max(...(trainings as number[])) }),
    ...(transform !== undefined && { validationPerHourUsd: transform }),
  };
}

/** The same in lines for a terminal. */
export function costInWords({ training, serving }: Spending, cost: ExpectedCost): string[] {
  const { instance, minInstances, maxInstances } = serving.realtime;
  const most =
    maxInstances > minInstances && cost.serving ? `, up to ${showUsd(cost.serving.mostUsd)} with ${maxInstances}` : '';
  const transforms = '3 batch transforms of the hold-out (candidate, copies for importance, champion)';
  return [
    `Serving: ${cost.serving ? `${showUsd(cost.serving.leastUsd)} a month` : UNKNOWN} (${minInstances} × ${instance}, always on)${most}.`,
    `A release: ${trainingInWords(training, cost)}; ${transforms}, ${cost.validationPerHourUsd === undefined ? UNKNOWN : `each ${showUsd(cost.validationPerHourUsd)} an hour`}, usually minutes.`,
    `List prices of ${cost.pricesAsOf} in ${cost.region}, without storage, requests, traffic and tax; nothing else of a model costs while nothing happens.`,
  ];
}

function trainingInWords(training: Spending['training'], { trainingMostUsd }: ExpectedCost): string {
  if (training.artifact !== undefined) return 'no training, it was trained elsewhere';
  const { types, count } = training.instance;
  const jobs = training.tuning ? `${training.tuning.maxJobs} jobs of ` : '';
  const spot = training.spot ? '; spot instances cost less' : '';
  const most = trainingMostUsd === undefined ? UNKNOWN : `at most ${showUsd(trainingMostUsd)}`;
  return `training ${most} (${jobs}${count} × ${types.join(' or ')} for ${training.maxRuntimeMinutes} min)${spot}`;
}

const UNKNOWN = 'at a price that is not in our table';
